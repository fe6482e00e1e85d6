// The live page of a job: htmx brings the stream; this shows how it stands, in words, title and icon.
(() => {
  const stream = document.getElementById("job-stream");
  if (!stream) return;

  const SILENCE = 40000; // the panel sends a heartbeat every 15 s
  const REFUSED = { 401: "Signed out", 403: "No longer allowed", 404: "Job not found", 410: "Job deleted" };
  const MARKS = { starting: "○", running: "▶", awaiting: "‖", finished: "✓" };
  const DOTS = { starting: "#8b7fc7", running: "#3f7fe0", awaiting: "#cf8a12", finished: "#2f9e5b", cancelled: "#8a919c" };
  const SAID = { error: "has failed" };
  const icon = document.querySelector("link[rel=icon]");
  let heard = Date.now();
  let seen = 0;
  let status = "";

  function connection(state, text) {
    const element = document.getElementById("job-connection");
    if (!element) return;
    element.dataset.state = state;
    if (element.textContent !== text) element.textContent = text;
  }

  function stop(state, text) {
    stream.remove(); // htmx ends a stream whose element is gone
    connection(state, text);
  }

  function on(name, react) {
    stream.addEventListener(name, (event) => {
      heard = Date.now();
      react(event.detail);
    });
  }

  function percent(progress) {
    return progress?.total ? `${Math.floor((100 * progress.done) / progress.total)}% ` : "";
  }

  on("state", ({ data }) => {
    const state = JSON.parse(data);
    const mark = MARKS[state.status] ?? "✗";
    const far = state.ended ? "" : percent(state.progress);
    document.title = `${mark} ${far}${state.title || "Job"} · kodosumi`;
    if (state.status === status) return;
    if (state.ended) document.getElementById("job-notice")?.remove();
    if (status) document.dispatchEvent(new CustomEvent("kodo:say", { detail: `Job ${SAID[state.status] ?? `is ${state.status}`}.` }));
    status = state.status;
    const dot = DOTS[status] ?? "#d13b3b";
    icon.href = `data:image/svg+xml,${encodeURIComponent(
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="none" stroke="#7d8594" stroke-width="3.5" stroke-linecap="round" d="M25.5 9.2A12 12 0 1 0 28 16"/><circle cx="16" cy="16" r="7" fill="${dot}"/></svg>`,
    )}`;
  });

  on("hb", ({ data }) => {
    const behind = (JSON.parse(data).head_seq ?? 0) - seen;
    if (behind > 0) connection("behind", `Catching up, ${behind} behind`);
    else connection("live", "Live");
  });

  on("htmx:sse:after:message", ({ message }) => { seen = Math.max(seen, Number(message.id) || 0); });
  on("htmx:sse:after:connection", () => connection("live", "Live"));
  on("htmx:sse:before:connection", ({ connection: link }) => {
    if (link.attempt > 0) connection("reconnecting", "Reconnecting");
  });
  on("htmx:sse:error", ({ status: code }) => {
    if (REFUSED[code]) stop("lost", REFUSED[code]);
  });
  on("htmx:sse:close", ({ reason }) => {
    if (reason === "message") stop("ended", "Ended");
  });

  // The extension repeats only what has once begun: the first request is repeated here.
  function failed(code) {
    if (REFUSED[code]) return stop("lost", REFUSED[code]);
    connection("reconnecting", "Reconnecting");
    setTimeout(() => {
      if (stream.isConnected) htmx.ajax("GET", stream.getAttribute("hx-sse:connect"), { source: stream, swap: "none" });
    }, 2000);
  }
  on("htmx:response:error", ({ ctx }) => failed(ctx.response.status));
  on("htmx:error", ({ ctx }) => { if (!ctx?.response) failed(0); });

  setInterval(() => {
    const reader = stream._htmx?.sse?.reader;
    if (!reader || Date.now() - heard < SILENCE) return;
    heard = Date.now();
    reader.cancel(); // a dead connection does not say so; htmx then connects anew
  }, 5000);

})();
