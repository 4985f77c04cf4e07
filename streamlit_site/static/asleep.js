// What covers an app that went to sleep under an open tab, until its visitor does something.
"use strict";

/**
 * Cover the frame of an app while that sleeps. `look` asks for the app's state now, `reload` loads
 * its page anew.
 *
 * The page in the frame stays as it is, with all that was typed and set in it. It says itself when
 * it loses its connection and when it has one again, and can be told to give up trying and to try
 * anew. A Streamlit that does not listen tries for ever; the gateway lets none of that wake the app.
 */
const Asleep = ({ frame, key, look, reload }) => {
  const PATIENCE = 6000; // ms; longer than Streamlit pauses between two tries
  const LATE = 5000; // ms in which an app found asleep was meant by somebody's coming back
  const FAR = 4; // px; a pointer that rests moves, too, when the page under it changes
  const cover = document.querySelector(".asleep");
  let lost = false;
  let waking = false;
  let overdue = 0;
  let hidden = document.hidden;
  let away = false;
  let backAt = -Infinity;
  let rest = null;

  // --- The page in the frame ---------------------------------------------------------------

  function tell(type) {
    frame.contentWindow.postMessage({ stCommVersion: 1, type }, window.location.origin);
  }

  function hear(type) {
    if (type === "WEBSOCKET_DISCONNECTED" && !lost) {
      lost = true;
      lookSoon(100);
    } else if (type === "WEBSOCKET_CONNECTED") {
      lost = false;
      uncover();
    }
  }

  window.addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== window.location.origin) return;
    if (data?.stCommVersion === 1) hear(data.type);
  });

  frame.addEventListener("load", () => {
    lost = false;
    uncover();
  });

  /** Ask now and a few times more: a process closes its connections a little before it is gone. */
  function lookSoon(pause) {
    if (!lost || !cover.hidden || pause > 3000) return;
    look();
    window.setTimeout(lookSoon, pause, pause * 2);
  }

  // --- The cover ---------------------------------------------------------------------------

  /** Take the app's state: one that sleeps is covered, one that was woken by others goes on. */
  function follow({ state }) {
    if (state === "sleeping") {
      if (lost && cover.hidden) show();
    } else if (!cover.hidden && Site.answers(state)) {
      wake();
    }
  }

  function show() {
    const typing = document.activeElement === frame || document.activeElement === document.body;
    tell("TERMINATE_WEBSOCKET_CONNECTION");
    cover.hidden = false;
    frame.inert = true;
    rest = null;
    away = !document.hasFocus();
    if (typing) cover.querySelector("button").focus({ preventScroll: true });
    if (performance.now() - backAt < LATE) wake();
  }

  function uncover() {
    const { activeElement } = document;
    const typing = cover.contains(activeElement) || activeElement === document.body;
    if (cover.hidden) return;
    window.clearTimeout(overdue);
    waking = false;
    frame.inert = false;
    cover.hidden = true;
    delete cover.dataset.waking;
    if (typing) frame.focus();
  }

  async function wake() {
    if (cover.hidden || waking) return;
    waking = true;
    cover.dataset.waking = "";
    const signal = AbortSignal.timeout(60000);
    const answer = await fetch(`/app/${key}/_stcore/host-config`, { signal }).catch(() => null);
    if (cover.hidden) return;
    if (!answer?.ok) {
      reload(); // the site's page says why
      return;
    }
    tell("RESTART_WEBSOCKET_CONNECTION");
    overdue = window.setTimeout(reload, PATIENCE);
  }

  // --- What somebody does who is there -------------------------------------------------------

  cover.addEventListener("click", wake);
  cover.addEventListener("pointerdown", wake);
  cover.addEventListener("wheel", wake, { passive: true });

  cover.addEventListener("pointermove", ({ screenX, screenY }) => {
    rest ??= { screenX, screenY };
    if (Math.hypot(screenX - rest.screenX, screenY - rest.screenY) >= FAR) wake();
  });

  document.addEventListener("keydown", (event) => {
    const elsewhere = event.ctrlKey || event.metaKey || event.altKey || event.key === "Shift";
    if (!elsewhere && !event.target.closest(".bar")) wake();
  });

  document.addEventListener("visibilitychange", () => {
    const back = hidden && !document.hidden;
    ({ hidden } = document);
    if (!back) return;
    backAt = performance.now();
    wake();
  });

  window.addEventListener("blur", () => {
    away = !document.hasFocus();
  });

  window.addEventListener("focus", () => {
    if (away) wake();
    away = false;
  });

  return { follow };
};
