// Small manners of every page: hotkeys, copying, one launch per click, messages, ranges.
(() => {
  const status = document.getElementById("status");
  let hush;

  // Shows and speaks a short message; other scripts dispatch "kodo:say" with the text as detail.
  function say(text) {
    status.textContent = text;
    clearTimeout(hush);
    hush = setTimeout(() => status.replaceChildren(), 6000);
  }
  document.addEventListener("kodo:say", (event) => say(event.detail));
  document.addEventListener("htmx:error", (event) => {
    if (event.target.id !== "job-stream") say("The panel did not answer. Try again in a moment.");
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    const wanted = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !typing);
    const field = wanted && document.querySelector("[data-hotkey]");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
    say("Link copied.");
  });

  // A second click on Launch must not start a second job.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.ariaBusy === "true") event.preventDefault();
    form.ariaBusy = "true";
    setTimeout(() => { form.ariaBusy = null; }, 10000);
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[aria-busy]")) form.ariaBusy = null;
  });

  function showRange(input) {
    const output = input.parentElement.querySelector("output");
    if (output) output.textContent = input.value;
  }
  document.addEventListener("input", (event) => {
    if (event.target.type === "range") showRange(event.target);
  });
  document.querySelectorAll("input[type=range]").forEach(showRange);

  // Browsers without invoker commands.
  if (!("commandForElement" in HTMLButtonElement.prototype)) {
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button[commandfor]");
      const dialog = button && document.getElementById(button.getAttribute("commandfor"));
      if (dialog) button.getAttribute("command") === "close" ? dialog.close() : dialog.showModal();
    });
  }
})();
