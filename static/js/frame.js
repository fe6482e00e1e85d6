// A hand-written service page in its sandboxed frame: says when a job was launched, and its height.
(() => {
  const frame = document.querySelector("iframe[data-service-frame]");
  if (!frame) return;

  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow) return;
    const said = event.data?.kodosumi;
    if (typeof said?.job === "string" && /^[0-9a-f]{24,40}$/.test(said.job)) {
      location.assign(`/jobs/${said.job}`);
    }
    if (Number.isFinite(said?.height)) {
      frame.height = Math.min(Math.max(said.height, 160), 8000);
    }
  });
})();
