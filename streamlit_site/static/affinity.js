// Where a tab's session is, so that a reload finds it again among an app's instances.
"use strict";

/** Keep the id of the instance that this tab has an app's page of, for as long as the tab is open. */
const Affinity = (key) => {
  const place = `instance of ${key}`;

  function remember(instance) {
    try {
      window.sessionStorage.setItem(place, instance);
    } catch {
      // Storage can be forbidden: then a reload goes to whichever instance is the emptiest.
    }
  }

  /** Return the id that was kept, if this page is there again rather than anew; else null. */
  function returning() {
    const [visit] = window.performance.getEntriesByType("navigation");
    try {
      return visit?.type === "navigate" ? null : window.sessionStorage.getItem(place);
    } catch {
      return null;
    }
  }

  return { remember, returning };
};
