// A page in place of an app: looks whether the app answers, and then becomes it.
"use strict";

(() => {
  const { waiting: key, seen, answers } = document.querySelector("[data-waiting]").dataset;
  const opened = performance.now();

  function again() {
    // The address may name an instance that is gone; without it the gateway takes the current one.
    const plain = window.location.pathname.replace(/^(\/app\/[^/]+\/)~[^/]+\/?/, "$1");
    if (plain === window.location.pathname) window.location.reload();
    else window.location.replace(plain + window.location.search + window.location.hash);
  }

  const signature = (app) =>
    [app.state, app.error ?? "", ...Object.values(app.services).map((one) => one.state)].join("|");

  Site.poll(`/api/v1/apps/${encodeURIComponent(key)}`, 1, (app) => {
    const changed = !app || signature(app) !== seen;
    // Where the state says that the app should answer, only another try can tell.
    const overdue = answers !== undefined && performance.now() - opened > 2000;
    if (changed || overdue) again();
  });
})();
