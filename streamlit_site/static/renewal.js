// What tells an open tab that its app was replaced, while the tab still lives on the old instance.
"use strict";

/**
 * Offer an app's new version below its frame; `open` loads the framed page anew there.
 *
 * An instance that was replaced stays for its tabs until a time that the state tells. A tab whose
 * visitor does nothing goes on with the new version then, with all that is set in it.
 */
const Renewal = ({ frame, open }) => {
  const SOON = 120; // s before the end, in which an offer that was put off is made once more
  const place = document.querySelector(".renewal");
  const template = place.querySelector("template");
  const cover = document.querySelector(".asleep");
  let lives = null;
  let soon = false;
  let putOff = {};

  /** Take the app's state, and on which instance the page lives: make the offer or take it back. */
  function follow({ state, draining }, home) {
    const until = draining[home] ?? null;
    lives = home;
    soon = until !== null && until - Date.now() / 1000 < SOON;
    const replaced = state === "running" || state === "sleeping";
    const unwanted = putOff.lives === lives && (putOff.soon || !soon);
    if (until !== null && replaced && !unwanted && cover.hidden) show(until);
    else hide();
  }

  // --- The offer -----------------------------------------------------------------------------

  const bar = () => place.querySelector(".renewal__bar");

  function show(until) {
    if (bar()) return;
    const made = template.content.cloneNode(true);
    const time = made.querySelector("time");
    time.textContent = clock(until);
    time.dateTime = new Date(until * 1000).toISOString();
    made.querySelector("[data-later]").addEventListener("click", later);
    made.querySelector("[data-open]").addEventListener("click", renew);
    place.append(made);
  }

  function hide() {
    const typing = place.contains(document.activeElement);
    bar()?.remove();
    if (typing) frame.focus();
  }

  function later() {
    putOff = { lives, soon };
    hide();
  }

  function renew() {
    putOff = { lives, soon: true };
    hide();
    frame.parentElement.dataset.loading = "";
    open();
  }

  place.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") later();
  });

  /** Return a time of day as people write it where the browser is, with its date if not today. */
  function clock(seconds) {
    const date = new Date(seconds * 1000);
    const today = date.toDateString() === new Date().toDateString();
    return date.toLocaleString([], { dateStyle: today ? undefined : "medium", timeStyle: "short" });
  }

  return { follow };
};
