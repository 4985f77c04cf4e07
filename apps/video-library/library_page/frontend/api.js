// Asks the web API on behalf of the visitor, whose cookie the browser adds.

const AWAY = { code: "away", text: "The library does not answer. Try again in a moment." };
const SOMEBODY_ELSE = "Another session has begun in this browser. Reload the page.";

// Resolves to what is wrong, its code and a text for people; to nothing if all is well.
async function ask(api, method, path, { csrf, body } = {}) {
  const headers = {};
  if (csrf) headers["X-CSRF-Token"] = csrf;
  if (body) headers["Content-Type"] = "application/json";
  try {
    const answer = await fetch(api + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      credentials: "include",
      signal: AbortSignal.timeout(30_000),
    });
    return answer.ok ? null : problem(await answer.text(), answer.headers.get("Retry-After"));
  } catch {
    return AWAY;
  }
}

function problem(text, retryAfter) {
  let error;
  try {
    error = JSON.parse(text).error;
  } catch {
    return AWAY;
  }
  if (!error?.message) return AWAY;
  if (error.code === "csrf-token") return { code: error.code, text: SOMEBODY_ELSE };
  const minutes = Math.ceil(Number(retryAfter) / 60);
  const wait = minutes && `Try again in ${minutes > 1 ? `${minutes} minutes` : "a minute"}.`;
  return { code: error.code, text: [error.message, wait || error.hint].filter(Boolean).join(" ") };
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(text, className, onclick) {
  const made = element("button", className, text);
  made.type = "button";
  made.onclick = onclick;
  return made;
}

function sizeText(bytes) {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  const power = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

function timeText(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
