// One picture (or video, or sound) as large as fits. Its name is text, never HTML.

export default function ({ parentElement, data }) {
  const figure = parentElement.querySelector("figure");
  figure.classList.toggle("crowded", data.crowded);
  if (figure.dataset.src === data.src) return;
  figure.dataset.src = data.src;
  const stage = figure.querySelector(".stage");
  const facts = figure.querySelector("small");
  const show = (...extra) => { facts.textContent = [...data.facts, ...when(data), ...extra].join(" · "); };

  stage.className = "stage loading";
  stage.style.backgroundImage = data.placeholder ? `url(${JSON.stringify(data.placeholder)})` : "";
  figure.querySelector("b").textContent = data.name;
  figure.setAttribute("aria-label", data.name);
  stage.replaceChildren(data.medium === "image" ? picture(stage, data, show) : player(stage, data));
  show();
}

function picture(stage, data, show) {
  const image = document.createElement("img");
  image.alt = data.name;
  image.referrerPolicy = "no-referrer";
  image.onload = () => {
    done(stage);
    show(`${image.naturalWidth} × ${image.naturalHeight} pixels`);
  };
  image.onerror = () => fail(stage);
  image.src = data.src;
  return image;
}

function player(stage, data) {
  const player = document.createElement(data.medium);
  player.controls = true;
  player.preload = "metadata";
  player.onloadedmetadata = () => done(stage);
  player.onerror = () => fail(stage);
  player.setAttribute("aria-label", data.name);
  player.src = data.src;
  return player;
}

function done(stage) {
  stage.classList.remove("loading");
  stage.style.backgroundImage = "";
}

function fail(stage) {
  done(stage);
  const note = document.createElement("p");
  note.textContent = "The browser cannot show this file.";
  stage.replaceChildren(note);
}

function when(data) {
  if (!data.modified) return [];
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  return [format.format(new Date(data.modified))];
}
