// The frame around an app: address, title, icon and links behave as if the app were the page.
"use strict";

(() => {
  const frame = document.getElementById("app");
  const stage = frame.parentElement;
  const bar = document.querySelector(".health");
  const { key, path, name } = frame.dataset;
  const addresses = Addresses(key, path);
  const affinity = Affinity(key);
  const icon = document.querySelector("link[rel=icon]");
  const ownIcon = icon.href;
  const attached = new WeakSet();
  const givenUp = new Set();
  let watching = 0;

  /** Return the frame's window and document while they are this origin's, else null. */
  function inside() {
    try {
      const { contentWindow: view, contentDocument: page } = frame;
      if (!view || !page || view.location.href === "about:blank") return null;
      return { view, page, url: new URL(view.location.href) };
    } catch {
      return null;
    }
  }

  /** Return the id of the instance in the address of the frame's document, if there is one. */
  function instance() {
    const here = inside();
    return here && addresses.instance(here.url);
  }

  // --- Address -----------------------------------------------------------------------------

  function followAddress() {
    const here = inside();
    if (!here || !addresses.isApp(here.url)) return;
    if (instance()) affinity.remember(instance());
    const wanted = addresses.outer(here.url);
    const shown = window.location.pathname + window.location.search + window.location.hash;
    // Replacing keeps the browser's list of steps: the frame's own steps are in it already.
    if (wanted !== shown) window.history.replaceState(null, "", wanted);
  }

  function followHistory(view) {
    for (const method of ["pushState", "replaceState"]) {
      const original = view.history[method];
      view.history[method] = function (...details) {
        const result = original.apply(this, details);
        followAddress();
        return result;
      };
    }
    view.addEventListener("popstate", followAddress);
    view.addEventListener("hashchange", followAddress);
  }

  // --- Title and icon ----------------------------------------------------------------------

  function followHead() {
    const here = inside();
    if (!here || !addresses.isApp(here.url)) return;
    const { title } = here.page;
    // What Streamlit's empty page brings says nothing about the app.
    document.title = title && title !== "Streamlit" ? title : name;
    const link = here.page.querySelector("link[rel~=icon]");
    const chosen = link && !link.href.endsWith("/favicon.png") ? link.href : ownIcon;
    if (icon.href !== chosen) icon.href = chosen;
  }

  // --- Links -------------------------------------------------------------------------------

  const isWeb = (url) => /^https?:$/.test(url.protocol);

  function followClick(event) {
    const link = event.composedPath().find((node) => node.localName === "a" && node.href);
    if (event.defaultPrevented || !link || link.hasAttribute("download")) return;
    const url = new URL(link.href, link.baseURI);
    if (!isWeb(url)) return;
    const apart = event.button === 1 || event.metaKey || event.ctrlKey || event.shiftKey;
    const target = link.target.toLowerCase();
    if (apart || target === "_blank") {
      if (!addresses.isPage(url)) return;
      event.preventDefault();
      window.open(addresses.outer(url), "_blank", "noopener");
    } else if (target === "_top" || target === "_parent") {
      if (!addresses.isPage(url)) return;
      event.preventDefault();
      window.location.assign(addresses.outer(url));
    } else if ((target === "" || target === "_self") && !addresses.isApp(url)) {
      event.preventDefault();
      window.location.assign(url);
    }
  }

  /** Let whatever leads out of the app lead the whole page there, as it would without a frame. */
  function followNavigation(event) {
    const url = new URL(event.destination.url);
    const leaves = isWeb(url) && !addresses.isApp(url);
    if (!leaves || !event.cancelable || event.downloadRequest !== null || event.formData) return;
    event.preventDefault();
    window.location.assign(url);
  }

  // Streamlit asks the page around it to open the login; a page without a frame does it itself.
  window.addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== window.location.origin) return;
    if (event.data?.stCommVersion !== 1 || event.data.type !== "REDIRECT_TO_URL") return;
    const url = new URL(event.data.url, inside()?.url ?? window.location.href);
    if (isWeb(url)) window.location.assign(url);
  });

  // --- The document in the frame -----------------------------------------------------------

  function attach() {
    const here = inside();
    if (!here) return false;
    if (!addresses.isApp(here.url)) {
      if (isWeb(here.url)) window.location.replace(here.url);
      return true;
    }
    const { view, page } = here;
    if (attached.has(page) || !page.head) return attached.has(page);
    attached.add(page);
    followHistory(view);
    view.addEventListener("click", followClick);
    view.addEventListener("auxclick", followClick);
    view.navigation?.addEventListener("navigate", followNavigation);
    view.addEventListener("pagehide", () => watch());
    new MutationObserver(followHead).observe(page.head, {
      attributes: true,
      attributeFilter: ["href", "rel"],
      characterData: true,
      childList: true,
      subtree: true,
    });
    followAddress();
    followHead();
    return true;
  }

  /** Look for the next document until it is there: its scripts may move before it is loaded. */
  function watch() {
    const until = performance.now() + 30000;
    window.clearInterval(watching);
    watching = window.setInterval(() => {
      if (attach() || performance.now() > until) window.clearInterval(watching);
    }, 30);
  }

  frame.addEventListener("load", () => {
    attach();
    followAddress();
    followHead();
    delete stage.dataset.loading;
    if (document.activeElement === document.body) frame.focus();
  });

  // --- What this page's own address says ----------------------------------------------------

  /**
   * Bring the part after # to the app: a server never sees it. `home` is the instance that this tab
   * was on before a reload: its session is there. If that is gone, or is to be left, the gateway
   * leads on to the current one.
   */
  function bring(home = null) {
    const url = inside()?.url ?? new URL(frame.src);
    if (!addresses.isApp(url)) return;
    const wanted = new URL(home ? addresses.inner(url, home) : url, url);
    wanted.hash = window.location.hash;
    if (wanted.href !== url.href) frame.contentWindow.location.replace(wanted);
  }

  window.addEventListener("hashchange", () => bring());
  bring(affinity.returning());
  watch();

  // --- State -------------------------------------------------------------------------------

  function announce(app) {
    const state = bar.querySelector("summary .state").dataset.state;
    if (state !== app.state) {
      document.querySelector("[data-announce]").textContent = `${name}: ${Site.label(app.state)}`;
    }
  }

  /**
   * Load the app anew at the same place if the process that this page spoke to is gone and nobody
   * answers for it. Mostly its successor does, and the tab lives on with all that is set in it.
   */
  async function replaceGone(app, home) {
    const here = inside();
    const gone = instance();
    const shown = here?.page.documentElement; // null while a document is being replaced
    if (!gone || !shown || shown.dataset.page === "unavailable") return;
    if (app.state === "failed" || app.state === "stopped") {
      // The site's page says why, and turns into the app when it is back.
      if (!app.instances.includes(home)) here.view.location.reload();
      return;
    }
    if (app.state !== "running" || app.instances.includes(gone) || givenUp.has(gone)) return;
    givenUp.add(gone);
    const health = await fetch(`/app/${key}/~${gone}/_stcore/health`, { redirect: "manual" }).catch(
      () => null,
    );
    if (!health?.ok) reload();
  }

  /** Load the app's page anew, where it is, at whichever instance is the current one. */
  function reload() {
    const url = inside()?.url ?? new URL(frame.src);
    frame.contentWindow.location.replace(addresses.inner(url));
  }

  const look = Site.poll(`/api/v1/apps/${encodeURIComponent(key)}`, 4, (app) => {
    if (!app) return;
    announce(app);
    asleep.follow(app);
    for (const part of bar.querySelectorAll("summary, dd:not([data-service])")) Site.showState(part, app.state);
    for (const part of bar.querySelectorAll("[data-service]")) {
      const service = app.services[part.dataset.service];
      if (service) Site.showState(part, service.state);
    }
    const error = bar.querySelector(".health__error");
    error.hidden = !app.error;
    error.textContent = app.error ?? "";
    bar.toggleAttribute("data-error", Boolean(app.error));
    const home = residence(app);
    renewal.follow(app, home);
    replaceGone(app, home);
  });
  const asleep = Asleep({ frame, key, look, reload });
  const residence = Residence(instance);
  const renewal = Renewal({ frame, open: reload });
})();
