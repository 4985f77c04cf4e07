// Plays one video; a title is text, never HTML.

export default function ({ parentElement, data, setTriggerValue }) {
  const [video, line, told] = parentElement.querySelector(".root").children;
  const [title, close] = line.children;
  title.textContent = data.title;
  close.onclick = () => setTriggerValue("close", true);
  if (video.dataset.source !== data.source) {
    // Another run of the page is no reason to begin anew.
    video.dataset.source = data.source;
    told.textContent = "";
    video.src = data.source;
    video.scrollIntoView({ block: "nearest" }); // it was chosen from far below, maybe
    video.focus({ preventScroll: true });
  }
  video.onerror = () => {
    told.textContent = "This video cannot be played here. It may be gone, or in a format that this browser does not know.";
  };
  return () => {
    video.removeAttribute("src");
    delete video.dataset.source;
    video.load(); // ends the connection
  };
}
