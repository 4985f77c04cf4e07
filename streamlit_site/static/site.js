// On every page, before it is drawn: what the other scripts share.
"use strict";

const Site = (() => {
  const root = document.documentElement;
  root.classList.add("js");

  const states = JSON.parse(root.dataset.states);
  const framed = window.parent !== window;
  if (framed) root.classList.add("framed");

  // A link in an app to a page of the site would show the site inside itself. What is shown in
  // place of an app belongs there.
  if (framed && root.dataset.page !== "unavailable") {
    try {
      const outer = window.parent.document.documentElement.dataset.page;
      if (outer === "frame") window.parent.location.replace(window.location.href);
    } catch {
      // The parent is another site's page, and shows this one on purpose.
    }
  }

  /** Write a state into all its marks within an element. */
  function showState(element, state) {
    for (const mark of element.querySelectorAll(".state")) {
      if (mark.dataset.state === state) continue;
      mark.dataset.state = state;
      mark.querySelector(".state__word").textContent = label(state);
    }
  }

  function label(state) {
    return states[state]?.label ?? "Unknown";
  }

  function answers(state) {
    return states[state]?.answers ?? true;
  }

  /**
   * Ask a URL again and again, only while someone looks; slower when nobody answers. Return what
   * asks now, and even if nobody looks.
   */
  function poll(url, seconds, receive) {
    let failures = 0;
    let timer = 0;
    let asking = false;

    async function ask(unseen = false) {
      window.clearTimeout(timer);
      if (asking || (document.hidden && !unseen)) return;
      asking = true;
      try {
        const response = await fetch(url, { headers: { Accept: "application/json" }, cache: "no-cache" });
        failures = response.status < 500 ? 0 : failures + 1;
        if (response.ok || response.status === 404) receive(response.ok ? await response.json() : null);
      } catch {
        failures += 1;
      } finally {
        asking = false;
        const pause = Math.min(seconds * 2 ** failures, 15);
        timer = window.setTimeout(ask, pause * 1000);
      }
    }

    document.addEventListener("visibilitychange", () => ask());
    ask();
    return () => ask(true);
  }

  /** Fold text as the server does it for data-text. */
  function fold(text) {
    return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  }

  return { answers, fold, framed, label, poll, showState };
})();
