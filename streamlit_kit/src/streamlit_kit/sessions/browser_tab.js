// Tells which session this tab is: its own storage keeps that through reloads, and ends with it.

// Instances of an app come and go below its path, as "~" and a name; the tab stays.
const KEY = `streamlit-kit ${location.pathname.split("/~")[0].replace(/\/[^/]*$/, "")}`;

export default function ({ data, setStateValue }) {
  let known = data.token;
  try {
    const stored = sessionStorage.getItem(KEY);
    if (stored && stored !== data.stale) known = stored;
    else sessionStorage.setItem(KEY, known);
  } catch {
    // Storage can be forbidden: then a reload is a new session.
  }
  setStateValue("token", known);
}
