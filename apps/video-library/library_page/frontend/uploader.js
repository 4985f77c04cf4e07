// Files go to the web API from the browser itself, one after another.

const BROKE_OFF = "The upload broke off.";

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".root");
  const drop = root.querySelector(".drop");
  const input = root.querySelector("input");
  const queue = (root.queue ??= { waiting: [], busy: false });
  // What a later run of the page tells counts for files that wait, too.
  queue.data = data;
  queue.changed = () => setTriggerValue("changed", Date.now());
  drop.querySelector(".quiet").textContent =
    `MP4, up to ${sizeText(data.largest)} each · ${sizeText(data.used)} of ${sizeText(data.quota)} used`;
  input.onchange = () => {
    add(root, input.files);
    input.value = "";
  };
  drop.ondragover = (event) => {
    event.preventDefault();
    drop.classList.add("over");
  };
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    add(root, event.dataTransfer.files);
  };
}

function add(root, files) {
  for (const file of files) {
    const row = element("li");
    root.querySelector("ul").append(row);
    enter(root.queue, file, row);
  }
}

function enter(queue, file, row) {
  show(row, file, "waits");
  queue.waiting.push({ file, row });
  work(queue);
}

async function work(queue) {
  if (queue.busy) return;
  queue.busy = true;
  window.addEventListener("beforeunload", stay);
  while (queue.waiting.length) {
    const { file, row } = queue.waiting.shift();
    const useless = await unfit(file, queue.data);
    const wrong = useless ?? (await send(file, row, queue));
    if (wrong) refuse(row, file, wrong, useless ? null : () => enter(queue, file, row));
    else row.remove();
    queue.changed();
  }
  window.removeEventListener("beforeunload", stay);
  queue.busy = false;
}

// What the API would refuse is not sent to it at all: browsers, still sending, may miss the reason.
async function unfit(file, { largest, used, quota }) {
  if (file.size > largest) return `This file has ${sizeText(file.size)}: more than ${sizeText(largest)}.`;
  if (file.size > quota - used) return `This file has ${sizeText(file.size)}, and ${sizeText(Math.max(0, quota - used))} are left.`;
  const type = await file.slice(4, 8).text().catch(() => "");
  return type === "ftyp" ? null : "This is no MP4 video.";
}

function send(file, row, queue) {
  const request = new XMLHttpRequest();
  return new Promise((resolve) => {
    const bar = show(row, file, "0 %", () => request.abort());
    request.upload.onloadstart = () => queue.changed();
    request.upload.onprogress = ({ loaded, total }) => {
      const percent = Math.floor((100 * loaded) / total);
      bar.style.width = `${percent}%`;
      row.querySelector(".quiet").textContent = `${percent} % of ${sizeText(file.size)}`;
    };
    request.onload = () => {
      if (request.status === 202) return resolve(null);
      const wrong = problem(request.responseText, request.getResponseHeader("Retry-After"));
      resolve(wrong === AWAY ? BROKE_OFF : wrong);
    };
    request.onerror = () => resolve(BROKE_OFF);
    request.onabort = () => resolve("The upload was cancelled.");
    request.open("POST", `${queue.data.api}/videos`);
    request.withCredentials = true;
    request.setRequestHeader("X-CSRF-Token", queue.data.csrf);
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  });
}

function show(row, file, state, cancel) {
  const bar = element("span", "bar");
  bar.append(element("i"));
  bar.firstChild.style.width = "0";
  row.replaceChildren(element("b", "", file.name), element("span", "quiet", state), bar);
  if (cancel) {
    const stop = button("Cancel", "", cancel);
    row.querySelector(".quiet").after(stop);
    row.style.gridTemplateColumns = "1fr auto auto";
  }
  return bar.firstChild;
}

function refuse(row, file, wrong, again) {
  const reason = element("span", "problem", wrong);
  reason.setAttribute("role", "alert");
  const buttons = [button("Dismiss", "", () => row.remove())];
  if (again) buttons.unshift(button("Try again", "", again));
  row.style.gridTemplateColumns = `1fr ${"auto ".repeat(buttons.length)}`;
  row.replaceChildren(element("b", "", file.name), ...buttons, reason);
}

function stay(event) {
  event.preventDefault();
}
