// The visitor's videos. Titles reach the page as text and attributes only, never as HTML.

export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector("ul");
  list.setAttribute("aria-label", "Videos");
  const old = new Map([...list.children].map((tile) => [tile.dataset.id, tile]));
  const tiles = data.videos.map((video) => {
    const shown = JSON.stringify([video, data.chosen === video.id]);
    // Tiles that stay as they are, are kept: their pictures do not flicker.
    const kept = old.get(video.id);
    if (kept?.dataset.shown === shown) return kept;
    return makeTile(video, shown, data, setTriggerValue);
  });
  list.replaceChildren(...tiles);
}

function makeTile(video, shown, data, setTriggerValue) {
  const tile = element("li", data.chosen === video.id ? "chosen" : "");
  tile.dataset.id = video.id;
  tile.dataset.shown = shown;
  const play = button("", "play", () => setTriggerValue("open", video.id));
  const isReady = video.status === "ready";
  play.disabled = !isReady;
  play.setAttribute("aria-label", `Play ${video.title}`);
  play.append(...(isReady ? preview(video, data.api) : [state(video)]));
  const text = element("span");
  text.append(element("b", "", video.title), element("span", "quiet", details(video)));
  text.firstChild.title = video.title;
  const remove = button("✕", "delete", () => setTriggerValue("remove", video.id));
  remove.setAttribute("aria-label", `Delete ${video.title}`);
  const line = element("div", "line");
  line.append(text, remove);
  tile.append(play, line);
  return tile;
}

function preview(video, api) {
  const picture = element("video");
  picture.muted = true;
  picture.preload = "none";
  picture.tabIndex = -1;
  picture.setAttribute("aria-hidden", "true");
  const seen = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    seen.disconnect();
    picture.preload = "metadata";
    picture.src = `${api}/stream/${video.id}#t=${Math.min(1, (video.duration ?? 0) / 2)}`;
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
