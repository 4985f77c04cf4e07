// Tells which session this tab is: its own storage keeps that through reloads, and ends with it.

// Several apps may share an origin, and a tab go from one to the other. Where an app has instances
// that come and go, below its path as "~" and a name, it is known by what comes before that.
const [app, instance] = location.pathname.split("/~");
const KEY = `streamlit-kit ${instance === undefined ? app.replace(/\/[^/]*$/, "") : app}`;

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
