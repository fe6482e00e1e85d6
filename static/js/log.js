// The log of a running job: appends rows as they come, follows the end, lets go when somebody reads.
(() => {
  const log = document.getElementById("job-log");
  if (!log) return;

  const ROWS = 6000;
  const NEAR = 32; // pixels from the end that count as the end
  const rows = log.getElementsByClassName("log-row");
  let last = Number(rows[rows.length - 1]?.dataset.seq ?? 0);
  let waiting = [];
  let gap = false;
  let top = log.scrollTop;

  const jump = document.createElement("button");
  jump.type = "button";
  jump.className = "button log-jump";
  jump.dataset.kind = "primary";
  jump.hidden = true;
  log.after(jump);

  const atEnd = () => log.scrollHeight - log.clientHeight - log.scrollTop < NEAR;
  const toEnd = () => { log.scrollTop = log.scrollHeight; };
  const selecting = () => {
    const selection = getSelection();
    return !selection.isCollapsed && log.contains(selection.anchorNode);
  };

  function fresh(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const found = [...template.content.children].filter((row) => Number(row.dataset.seq) > last);
    if (found.length) last = Number(found[found.length - 1].dataset.seq);
    return found;
  }

  function trim() {
    for (let extra = rows.length - ROWS; extra > 0; extra--) rows[0].remove();
  }

  // Rows that nobody has asked to see are kept, as many as the page may hold.
  function keep(found) {
    waiting.push(...found);
    if (waiting.length > ROWS) {
      waiting = waiting.slice(-ROWS);
      gap = true;
    }
    jump.textContent = `Jump to newest (+${waiting.length}${gap ? " or more" : ""})`;
    jump.hidden = false;
  }

  function follow() {
    if (gap) while (rows.length) rows[0].remove();
    log.append(...waiting);
    waiting = [];
    gap = false;
    trim();
    toEnd();
  }

  let following = Boolean(document.getElementById("job-stream")) && !location.hash.startsWith("#L");
  function setFollowing(value) {
    following = value;
    if (following) follow();
    if (following || waiting.length === 0) jump.hidden = true;
  }

  log.addEventListener("scroll", () => {
    if (log.scrollTop < top) setFollowing(atEnd() && waiting.length === 0);
    else if (!following && atEnd()) setFollowing(true);
    top = log.scrollTop;
  }, { passive: true });
  document.addEventListener("selectionchange", () => { if (selecting()) setFollowing(false); });
  jump.addEventListener("click", () => setFollowing(true));
  document.addEventListener("keydown", (event) => {
    if (event.key === "G" && !event.target.closest("input, textarea, select")) setFollowing(true);
  });

  document.addEventListener("log", (event) => {
    const found = fresh(JSON.parse(event.detail.data).html);
    if (found.length === 0) return;
    if (!following) return keep(found);
    log.append(...found);
    trim();
    toEnd();
  });

  if (following) toEnd();
})();
