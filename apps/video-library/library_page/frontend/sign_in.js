// The form goes to the web API from the browser itself: the page's process sees no password.

const WAYS = {
  login: { action: "Sign in", password: "current-password", shortest: 1 },
  "sign-up": { action: "Create account", password: "new-password", shortest: 10 },
};
const MAYBE_KNOWN = "That did not work. If you have an account already, sign in with its password.";

export default function ({ parentElement, data }) {
  const form = parentElement.querySelector("form");
  const ways = [...form.querySelectorAll(".ways button")];
  for (const way of ways) way.onclick = () => choose(form, ways, way);
  form.onsubmit = (event) => {
    event.preventDefault();
    submit(form, data.api);
  };
}

function choose(form, ways, chosen) {
  const { action, password, shortest } = WAYS[chosen.name];
  for (const way of ways) way.setAttribute("aria-pressed", way === chosen);
  form.elements.password.autocomplete = password;
  form.elements.password.minLength = shortest;
  form.querySelector("[type=submit]").textContent = action;
  form.querySelector("[role=alert]").textContent = "";
}

async function submit(form, api) {
  const send = form.querySelector("[type=submit]");
  const told = form.querySelector("[role=alert]");
  const isNew = form.querySelector("[aria-pressed=true]").name === "sign-up";
  const body = { email: form.elements.email.value, password: form.elements.password.value };
  send.disabled = true;
  told.textContent = "";
  let wrong = isNew ? await ask(api, "POST", "/sign-up", { body }) : null;
  if (!wrong) {
    wrong = await ask(api, "POST", "/login", { body });
    // Whether an account was there before, the API tells nobody.
    if (isNew && wrong?.code === "wrong-credentials") wrong.text = MAYBE_KNOWN;
  }
  if (wrong) {
    told.textContent = wrong.text;
    send.disabled = false;
  } else {
    location.reload(); // the page learns of the new cookie as it connects
  }
}
