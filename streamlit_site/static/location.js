// Which address of the site stands for which address of the framed app.
"use strict";

/** Translate between the paths of one app's pages: /app/<key>/~<instance>/rest and <path>rest. */
const Addresses = (key, path) => {
  const prefix = `/app/${key}/`;
  const site = window.location.origin;

  /** Say whether an address is the app's own (any instance of it, or its services). */
  function isApp(url) {
    return url.origin === site && (url.pathname + "/").startsWith(prefix);
  }

  /** Return the id of the instance in an address, if there is one. */
  function instance(url) {
    return isApp(url) ? (url.pathname.slice(prefix.length).match(/^~([^/]+)/)?.[1] ?? null) : null;
  }

  function below(url) {
    return url.pathname.slice(prefix.length).replace(/^~[^/]*\/?/, "");
  }

  /** Return what the address bar shows for an address of the app. */
  function outer(url) {
    return path + below(url) + url.search + url.hash;
  }

  /** Return the app's address at an instance; without an id at the current one, whichever it is. */
  function inner(url, id = null) {
    return prefix + (id ? `~${id}/` : "") + below(url) + url.search + url.hash;
  }

  /** Say whether an address of the app is a page for people, not a file or an endpoint. */
  function isPage(url) {
    return instance(url) !== null && /^[^/.]*$/.test(below(url)) && !below(url).startsWith("_stcore");
  }

  return { inner, instance, isApp, isPage, outer };
};
