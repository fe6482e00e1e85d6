// Keeps times current: `<time class="time">` in words, `[data-since]` ticking. Words as in web/words.py.
(() => {
  const root = document.documentElement;
  let ahead = Number(root.dataset.now) * 1000 - Date.now(); // the server's clock, not this machine's
  const now = () => (Date.now() + ahead) / 1000;

  function span(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
    if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
    return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
  }

  function ago(seconds, date) {
    if (seconds < 60) return "just now";
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
    if (seconds < 7 * 86400) return `${Math.floor(seconds / 86400)} d ago`;
    return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" }).format(date);
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tick() {
    for (const element of document.querySelectorAll("[data-since]")) {
      write(element, span(now() - element.dataset.since));
    }
  }

  function words() {
    for (const element of document.querySelectorAll("time.time")) {
      const date = new Date(element.dateTime);
      write(element, ago(now() - date / 1000, date));
      element.title = date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "long" });
    }
  }

  document.addEventListener("hb", (event) => {
    const beat = JSON.parse(event.detail.data);
    if (beat.now) ahead = beat.now * 1000 - Date.now();
  });
  document.addEventListener("htmx:after:swap", () => { tick(); words(); });
  setInterval(tick, 1000);
  setInterval(words, 30000);
  words();
})();
