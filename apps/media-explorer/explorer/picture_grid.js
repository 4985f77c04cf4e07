// The grid of thumbnails. Names reach the page as text nodes and attributes only, never as HTML.

const ARROWS = { ArrowLeft: "previous", ArrowRight: "next", ArrowUp: "above", ArrowDown: "below" };
const SYMBOLS = { image: "🖼", video: "▶", audio: "♪" };

export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector("ul");
  const old = new Map([...list.children].map((tile) => [tile.dataset.key, tile]));
  const open = (name) => setTriggerValue("open", name);
  // Tiles that stay are kept: their pictures do not flicker when the page runs again.
  list.replaceChildren(...data.items.map((item) => old.get(keyOf(item)) ?? makeTile(item, open)));
  list.classList.toggle("captions", data.captions);
  list.setAttribute("aria-label", data.label);
  list.onkeydown = moveFocus;
}

function makeTile(item, open) {
  const tile = element("li");
  tile.dataset.key = keyOf(item);
  const button = element("button");
  button.type = "button";
  button.title = item.name;
  button.setAttribute("aria-label", `Open ${item.name}`);
  button.onclick = () => open(item.name);
  button.append(makeFrame(item), makeCaption(item));
  tile.append(button);
  return tile;
}

function makeFrame(item) {
  const frame = element("span", "frame");
  frame.dataset.symbol = SYMBOLS[item.medium];
  if (!item.thumbnail) {
    frame.classList.add("bare");
    return frame;
  }
  const picture = element("img");
  frame.classList.add("loading");
  picture.onload = () => frame.classList.remove("loading");
  picture.onerror = () => {
    frame.classList.replace("loading", "bare");
    picture.remove();
  };
  picture.loading = "lazy";
  picture.decoding = "async";
  picture.referrerPolicy = "no-referrer";
  picture.alt = "";  // the button beside it already says the name
  picture.src = item.thumbnail;
  frame.append(picture);
  return frame;
}

function makeCaption(item) {
  const caption = element("span", "caption");
  caption.append(element("b", "name", item.name), element("small", "", details(item)));
  return caption;
}

function moveFocus(event) {
  const way = ARROWS[event.key];
  const tiles = [...this.querySelectorAll("button")];
  const at = tiles.indexOf(event.target.closest("button"));
  if (!way || at < 0) return;
  const top = tiles[0].offsetTop;
  const columns = tiles.findIndex((tile) => tile.offsetTop > top);
  const step = columns > 0 ? columns : tiles.length;
  const to = { previous: at - 1, next: at + 1, above: at - step, below: at + step }[way];
  if (!tiles[to]) return;
  event.preventDefault();
  event.stopPropagation();
  tiles[to].focus();
}

function details(item) {
  const date = item.modified && new Date(item.modified);
  const day = date && new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(date);
  return [item.size_text, day].filter(Boolean).join(" · ");
}

function keyOf(item) {
  return JSON.stringify([item.name, item.thumbnail, item.modified]);
}

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
