// Files go to the web API from the browser itself, one after another.

const BROKE_OFF = "The upload broke off.";

// The tab's: it outlives the component, which goes while the page shows nothing but that the API is away.
const queue = { waiting: [], busy: false, rows: element("ul") };
queue.rows.setAttribute("aria-label", "Uploads");

// A file that misses its place is not opened instead of the page.
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
}

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".root");
  const drop = root.querySelector(".drop");
  const input = root.querySelector("input");
  root.append(queue.rows);
  // What a later run of the page tells counts for files that wait, too.
  queue.data = data;
  // How many files are left: while there are some, the page looks at what becomes of them.
  queue.tell = () => setStateValue("left", queue.waiting.length + Number(queue.busy));
  queue.say = (text) => (root.querySelector("[role=status]").textContent = text);
  drop.querySelector(".quiet").textContent =
    `MP4, up to ${sizeText(data.largest)} each · ${sizeText(data.used)} of ${sizeText(data.quota)} used`;
  input.onchange = () => {
    add(input.files);
    input.value = "";
  };
  drop.ondragover = (event) => {
    event.preventDefault();
    drop.classList.add("over");
  };
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    add(event.dataTransfer.files);
  };
}

function add(files) {
  // They are for who is signed in now, not for whose session the page may have later.
  const { csrf } = queue.data;
  for (const file of files) {
    const row = element("li");
    queue.rows.append(row);
    enter({ file, row, csrf });
  }
}

function enter(job) {
  show(job, "waits", () => {
    queue.waiting = queue.waiting.filter((each) => each !== job);
    job.row.remove();
    queue.tell();
  });
  queue.waiting.push(job);
  work();
}

async function work() {
  if (queue.busy) return;
  queue.busy = true;
  window.addEventListener("beforeunload", stay);
  while (queue.waiting.length) {
    const job = queue.waiting.shift();
    queue.tell();
    const useless = await unfit(job.file, queue.data);
    const wrong = useless ?? (await send(job));
    if (wrong) {
      refuse(job, wrong, useless ? null : () => enter(job));
    } else {
      job.row.remove();
      queue.say(`${job.file.name} is uploaded.`);
    }
  }
  window.removeEventListener("beforeunload", stay);
  queue.busy = false;
  queue.tell();
}

// What the API would refuse is not sent to it at all: browsers, still sending, may miss the reason.
async function unfit(file, { largest, used, quota }) {
  if (file.size > largest) return `This file has ${sizeText(file.size)}: more than ${sizeText(largest)}.`;
  if (file.size > quota - used) return `This file has ${sizeText(file.size)}, and ${sizeText(Math.max(0, quota - used))} are left.`;
  try {
    return (await file.slice(4, 8).text()) === "ftyp" ? null : "This is no MP4 video.";
  } catch {
    return "This file cannot be read. If it has changed, choose it again.";
  }
}

function send(job) {
  const { file, row, csrf } = job;
  const request = new XMLHttpRequest();
  return new Promise((resolve) => {
    const bar = show(job, "0 %", () => request.abort());
    request.upload.onprogress = ({ loaded, total }) => {
      const percent = Math.floor((100 * loaded) / total);
      bar.firstChild.style.width = `${percent}%`;
      bar.setAttribute("aria-valuenow", percent);
      row.querySelector(".quiet").textContent = `${percent} % of ${sizeText(file.size)}`;
    };
    request.onload = () => {
      if (request.status === 202) return resolve(null);
      const wrong = problem(request.responseText, request.getResponseHeader("Retry-After"));
      resolve(wrong === AWAY ? BROKE_OFF : wrong.text);
    };
    request.onerror = () => resolve(BROKE_OFF);
    request.onabort = () => resolve("The upload was cancelled.");
    request.open("POST", `${queue.data.api}/videos`);
    request.withCredentials = true;
    request.setRequestHeader("X-CSRF-Token", csrf);
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  });
}

function show({ row, file }, state, cancel) {
  const bar = element("span", "bar");
  bar.setAttribute("role", "progressbar");
  bar.setAttribute("aria-label", file.name);
  bar.setAttribute("aria-valuenow", 0);
  bar.append(element("i"));
  bar.firstChild.style.width = "0";
  row.style.gridTemplateColumns = "1fr auto auto";
  row.replaceChildren(element("b", "", file.name), element("span", "quiet", state), button("Cancel", "", cancel), bar);
  return bar;
}

function refuse({ row, file }, wrong, again) {
  const reason = element("span", "problem", wrong);
  reason.setAttribute("role", "alert");
  const buttons = [button("Dismiss", "", () => row.remove())];
  if (again) buttons.unshift(button("Try again", "", again));
  row.style.gridTemplateColumns = `1fr ${"auto ".repeat(buttons.length)}`;
  row.replaceChildren(element("b", "", file.name), ...buttons, reason);
}

function stay(event) {
  event.preventDefault();
}
