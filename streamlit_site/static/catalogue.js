// The catalogue: filter while typing, and states that stay true.
"use strict";

(() => {
  const list = document.querySelector(".cards");
  const board = document.querySelector(".board");
  const form = document.querySelector(".search");

  if (form) {
    const input = form.elements.q;
    let tag = new URLSearchParams(window.location.search).get("tag") ?? "";

    const cards = () => list.querySelectorAll(".card");

    function filter() {
      const words = Site.fold(input.value).split(/\s+/).filter(Boolean);
      const tiles = board.children;
      let shown = 0;
      cards().forEach((card, index) => {
        const { text, tags } = card.dataset;
        const fits = words.every((word) => text.includes(word)) && (!tag || JSON.parse(tags).includes(tag));
        card.hidden = !fits;
        tiles[index].classList.toggle("board__out", !fits);
        if (fits) shown += 1;
      });
      const all = cards().length;
      const noun = all === 1 ? "app" : "apps";
      document.querySelector(".count").textContent =
        words.length || tag ? `${shown} of ${all} ${noun}` : `${all} ${noun}`;
      document.querySelector(".none").hidden = shown > 0;
      for (const link of document.querySelectorAll(".tags [data-tag]")) {
        if (link.dataset.tag === tag) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
      const query = new URLSearchParams();
      if (input.value.trim()) query.set("q", input.value.trim());
      if (tag) query.set("tag", tag);
      const text = query.toString();
      window.history.replaceState(null, "", text ? `/?${text}` : "/");
    }

    input.addEventListener("input", filter);
    form.addEventListener("renewed", filter);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const first = list.querySelector(".card:not([hidden]) h2 a");
      if (first && input.value.trim()) first.focus();
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest("[data-tag], [data-clear]");
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      tag = link.dataset.tag ?? "";
      if ("clear" in link.dataset) input.value = "";
      filter();
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select");
      if (event.key === "/" && !typing) {
        event.preventDefault();
        input.focus();
        input.select();
      } else if (event.key === "Escape" && event.target === input) {
        input.value = "";
        filter();
      }
    });
    // A browser that comes back puts the typed text into the field after the page is parsed.
    window.addEventListener("pageshow", () => {
      if (input.value !== input.defaultValue) filter();
    });
  }

  /** Take the lists from a new copy of the page; the search field stays as it is. */
  async function renew() {
    const response = await fetch(window.location.href);
    const copy = new DOMParser().parseFromString(await response.text(), "text/html");
    const cards = copy.querySelector(".cards");
    if (!form || !cards) {
      window.location.reload();
      return;
    }
    list.replaceChildren(...cards.children);
    board.replaceChildren(...copy.querySelector(".board").children);
    document.querySelector(".tags").replaceChildren(...copy.querySelector(".tags").children);
    form.dispatchEvent(new Event("renewed"));
  }

  function receive(status) {
    if (!status) return;
    const known = new Set();
    document.querySelectorAll(".card").forEach((card, index) => {
      const app = status.apps[card.dataset.key];
      known.add(card.dataset.key);
      if (!app) return;
      Site.showState(card, app.state);
      board.children[index].dataset.state = app.state;
      board.children[index].title = `${app.name}: ${Site.label(app.state)}`;
      const error = card.querySelector(".card__error");
      error.hidden = !app.error;
      error.textContent = app.error ?? "";
    });
    const keys = Object.keys(status.apps);
    if (keys.length !== known.size || keys.some((key) => !known.has(key))) renew();
  }

  Site.poll("/api/v1/status", 3, receive);
})();
