// The grid of thumbnails. Names reach the page as text nodes and attributes only, never as HTML.

const SYMBOLS = { image: "🖼", video: "▶", audio: "♪" };

export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector("ul");
  const old = new Map([...list.children].map((tile) => [tile.item.name, tile]));
  const open = (name) => setTriggerValue("open", name);
  const tiles = data.items.map((item) => {
    // Tiles that stay are kept: their pictures do not flicker when the page runs again.
    const kept = old.get(item.name);
    return update(kept && isSame(kept.item, item) ? kept : makeTile(item, open), item);
  });
  list.style.setProperty("--columns", data.columns);
  list.style.setProperty("--width", `${data.width}px`);
  list.classList.toggle("captions", data.captions);
  list.classList.toggle("packed", data.packed);
  list.setAttribute("aria-label", data.label);
  list.onkeydown = moveFocus;
  list.replaceChildren(...tiles);
  return pack(list, tiles);
}

function makeTile(item, open) {
  const tile = element("li");
  const button = element("button");
  button.type = "button";
  button.title = item.name;
  button.onclick = () => {
    tile.classList.add("opening");
    open(item.name);
  };
  button.append(makeFrame(item), makeCaption(item));
  tile.append(button);
  return tile;
}

function update(tile, item) {
  tile.item = item;
  tile.classList.remove("opening");
  tile.classList.toggle("favourite", item.favourite);
  const label = `Open ${item.name}${item.favourite ? ", a favourite" : ""}`;
  tile.querySelector("button").setAttribute("aria-label", label);
  return tile;
}

function makeFrame(item) {
  const frame = element("span", "frame");
  frame.dataset.symbol = SYMBOLS[item.medium];
  if (!item.thumbnails.length) {
    frame.classList.add("bare");
    return frame;
  }
  const picture = element("img");
  frame.classList.add("loading");
  picture.onload = () => {
    frame.classList.remove("loading");
    frame.style.setProperty("--ratio", `${picture.naturalWidth} / ${picture.naturalHeight}`);
  };
  picture.onerror = () => {
    frame.classList.replace("loading", "bare");
    picture.remove();
  };
  picture.loading = "lazy";
  picture.decoding = "async";
  picture.referrerPolicy = "no-referrer";
  picture.alt = "";  // the button around it already says the name
  if (item.thumbnails.length > 1) {
    picture.sizes = "auto, 20rem";  // as wide as the tile is, where browsers know that
    picture.srcset = item.thumbnails.map(([url, width]) => `${url} ${width}w`).join(", ");
  }
  picture.src = item.thumbnails.at(-1)[0];
  frame.append(picture);
  return frame;
}

function makeCaption(item) {
  const caption = element("span", "caption");
  caption.append(element("b", "name", item.name), element("small", "", details(item)));
  return caption;
}

// Packed, each tile spans as many of the grid's rows, which are one pixel high, as it is high.
function pack(list, tiles) {
  if (!list.classList.contains("packed")) {
    tiles.forEach((tile) => tile.style.removeProperty("grid-row-end"));
    return () => {};
  }
  const sizes = new ResizeObserver((entries) => {
    requestAnimationFrame(() => {
      const gap = parseFloat(getComputedStyle(list).columnGap);
      for (const { target } of entries) {
        target.parentElement.style.gridRowEnd = `span ${Math.ceil(target.offsetHeight + gap)}`;
      }
    });
  });
  tiles.forEach((tile) => sizes.observe(tile.firstChild));
  return () => sizes.disconnect();
}

function moveFocus(event) {
  const tiles = [...this.querySelectorAll("button")];
  const from = event.target.closest("button");
  const at = tiles.indexOf(from);
  if (at < 0) return;
  const next = {
    ArrowLeft: () => tiles[at - 1],
    ArrowRight: () => tiles[at + 1],
    ArrowUp: () => nearest(from, tiles, -1),
    ArrowDown: () => nearest(from, tiles, 1),
  }[event.key]?.();
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  next.focus();
}

// The tile of the same column that is next above (-1) or below (1).
function nearest(from, tiles, way) {
  const place = from.getBoundingClientRect();
  const away = (tile) => way * (tile.getBoundingClientRect().top - place.top);
  return tiles
    .filter((tile) => Math.abs(tile.getBoundingClientRect().left - place.left) < 2 && away(tile) > 0)
    .sort((one, other) => away(one) - away(other))[0];
}

function details(item) {
  const date = item.modified && new Date(item.modified);
  const day = date && new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(date);
  return [item.size_text, day].filter(Boolean).join(" · ");
}

function isSame(one, other) {
  return one.modified === other.modified && String(one.thumbnails) === String(other.thumbnails);
}

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
