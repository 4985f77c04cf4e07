// The visitor's videos. Titles reach the page as text and attributes only, never as HTML.

export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector("ul");
  list.setAttribute("aria-label", "Videos");
  const old = new Map([...list.children].map((tile) => [tile.dataset.id, tile]));
  const tiles = data.videos.map((video) => old.get(video.id) ?? makeTile(video));
  for (const tile of old.values()) if (!tiles.includes(tile)) tile.remove();
  tiles.forEach((tile, index) => {
    // One that is in its place already keeps its picture, and the focus.
    if (list.children[index] !== tile) list.insertBefore(tile, list.children[index] ?? null);
    fill(tile, data.videos[index], data, setTriggerValue);
  });
  giveBackFocus(list, "chosen", data.chosen, ".play");
  giveBackFocus(list, "asked", data.asked, ".delete");
}

// When the player closes, or the question, the keyboard goes on at the tile that they were opened from.
function giveBackFocus(list, what, now, opener) {
  const before = list.dataset[what];
  list.dataset[what] = now ?? "";
  const tile = [...list.children].find((each) => each.dataset.id === before);
  if (tile && !now) tile.querySelector(opener).focus();
}

function makeTile(video) {
  const tile = element("li");
  tile.dataset.id = video.id;
  const text = element("span");
  text.append(element("b", "", video.title), element("span", "quiet"));
  text.firstChild.title = video.title;
  const remove = button("✕", "delete");
  remove.setAttribute("aria-label", `Delete ${video.title}`);
  const line = element("div", "line");
  line.append(text, remove);
  tile.append(button("", "play"), line);
  return tile;
}

function fill(tile, video, data, setTriggerValue) {
  const [play, remove] = tile.querySelectorAll("button");
  play.onclick = () => setTriggerValue("open", video.id);
  remove.onclick = () => setTriggerValue("remove", video.id);
  tile.classList.toggle("chosen", data.chosen === video.id);
  play.setAttribute("aria-current", data.chosen === video.id);
  const shown = JSON.stringify(video);
  if (tile.dataset.shown === shown) return;
  tile.dataset.shown = shown;
  tile.querySelector(".line .quiet").textContent = details(video);
  const isReady = video.status === "ready";
  play.disabled = !isReady;
  play.replaceChildren(...(isReady ? preview(video, data.api) : [state(video)]));
  const label = `Play ${video.title}`;
  play.setAttribute("aria-label", isReady ? label : `${label}: ${play.textContent}`);
}

function preview(video, api) {
  const picture = element("video");
  picture.crossOrigin = "use-credentials"; // the API may be at another port
  picture.muted = true;
  picture.preload = "metadata";
  picture.tabIndex = -1;
  picture.setAttribute("aria-hidden", "true");
  // Browsers allow a page only so many: those out of sight are given back.
  const seen = new IntersectionObserver(([entry]) => {
    if (entry.isIntersecting) {
      picture.src = `${api}/stream/${video.id}#t=${Math.min(1, (video.duration ?? 0) / 2)}`;
    } else if (picture.src) {
      picture.removeAttribute("src");
      picture.load();
    }
  });
  seen.observe(picture);
  return video.duration ? [picture, element("span", "duration", timeText(video.duration))] : [picture];
}

function state(video) {
  const made = element("span", "state quiet");
  if (video.status === "failed") {
    made.classList.add("problem");
    made.append(video.error ?? "This video cannot be used.");
    return made;
  }
  const share = video.size ? Math.min(1, video.received / video.size) : 0;
  const isUploading = video.status === "uploading";
  made.append(isUploading ? `Uploading${share ? `: ${Math.floor(share * 100)} %` : ""}` : "Processing");
  const bar = element("span", "bar");
  bar.append(element("i"));
  bar.classList.toggle("endless", !isUploading);
  if (isUploading) bar.firstChild.style.width = `${share * 100}%`;
  made.append(bar);
  return made;
}

function details(video) {
  const words = [];
  if (video.size) words.push(sizeText(video.size));
  if (video.width) words.push(`${video.width} × ${video.height}`);
  words.push(new Date(video.created_at).toLocaleDateString());
  return words.join(" · ");
}
