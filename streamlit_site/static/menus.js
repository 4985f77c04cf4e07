// The menus of the bar: one open at a time, closed by Escape or a press elsewhere, arrows in lists.
"use strict";

(() => {
  const menus = [...document.querySelectorAll("[data-menu]")];

  function close(except) {
    for (const menu of menus) if (menu !== except) menu.open = false;
  }

  for (const menu of menus) {
    const summary = menu.querySelector("summary");
    menu.addEventListener("toggle", () => {
      if (menu.open) close(menu);
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      summary.focus();
    });
  }

  document.addEventListener("pointerdown", (event) => close(event.target.closest("[data-menu]")));
  // A press inside the app takes the focus away from this window.
  window.addEventListener("blur", () => close(null));

  const switcher = document.querySelector(".switcher");
  const filter = switcher.querySelector("[data-filter]");
  const links = [...switcher.querySelectorAll(".switcher__list a")];
  const texts = links.map((link) => Site.fold(link.querySelector(".switcher__app").textContent + " " + link.dataset.key));
  const key = document.querySelector(".health").dataset.key;

  for (const link of links) if (link.dataset.key === key) link.setAttribute("aria-current", "page");
  if (links.length < 8) filter.hidden = true;

  function narrow() {
    const words = Site.fold(filter.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    links.forEach((link, index) => {
      const fits = words.every((word) => texts[index].includes(word));
      link.parentElement.hidden = !fits;
      if (fits) shown += 1;
    });
    switcher.querySelector(".switcher__none").hidden = shown > 0;
  }

  switcher.addEventListener("toggle", () => {
    if (!switcher.open) return;
    filter.value = "";
    narrow();
    if (!filter.hidden) filter.focus();
    else (links.find((link) => link.dataset.key !== key) ?? links[0])?.focus();
  });
  filter.addEventListener("input", narrow);

  switcher.addEventListener("keydown", (event) => {
    const shown = links.filter((link) => !link.parentElement.hidden);
    const at = shown.indexOf(document.activeElement);
    if (event.key === "Enter" && event.target === filter && shown.length) {
      shown[0].click();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      shown[Math.min(at + 1, shown.length - 1)]?.focus();
    } else if (event.key === "ArrowUp") {
      event.preventDefault();
      if (at > 0) shown[at - 1].focus();
      else if (!filter.hidden) filter.focus();
    }
  });
})();
