"""What is confirmed to be gone of a job that was ended by force, in words."""

from kodosumi.wire.events import Ended


def gone(ended: Ended) -> str:
    """Return e.g. `Ended: the runner, 2 Ray tasks, 1 child process.` and what is to be known."""
    counts = (
        (ended.tasks, "Ray task"),
        (ended.actors, "actor"),
        (ended.processes, "child process"),
    )
    parts = ["the runner"] if ended.runner else []
    parts += [_number(count, what) for count, what in counts if count]
    said = [f"Ended: {', '.join(parts)}." if parts else "Nothing of it was running any more."]
    if ended.kept:
        said.append(f"Detached actors live on: {', '.join(ended.kept)}.")
    if ended.unsure:
        said.append(f"Not confirmed: {'; '.join(ended.unsure)}.")
    return " ".join(said)


def why(reason: str | None, ended: Ended | None) -> str:
    """Return a reason, and after it what is gone; empty if nothing is known."""
    said = (reason or "").strip()
    if ended is None:
        return said
    stop = "." if said and said[-1] not in ".!?…" else ""
    return f"{said}{stop} {gone(ended)}".strip()


def _number(count: int, what: str) -> str:
    plural = "" if count == 1 else "es" if what.endswith("s") else "s"
    return f"{count} {what}{plural}"
