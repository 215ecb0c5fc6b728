// Keeps the numbers of the first page up to date; without it they are those of when the page was made.
"use strict";
const region = document.querySelector("[data-live]");
if (region && "EventSource" in window) {
  const source = new EventSource(region.dataset.live);
  source.addEventListener("counters", (event) => {
    for (const [name, text] of Object.entries(JSON.parse(event.data))) {
      const place = region.querySelector(`[data-counter="${CSS.escape(name)}"]`);
      if (place && place.textContent !== text) {
        place.textContent = text;
        place.classList.remove("changed");
        void place.offsetWidth;
        place.classList.add("changed");
      }
    }
  });
  window.addEventListener("pagehide", () => source.close());
}
