"""Names of the detached actors in Ray, and how to find them."""

import os

NAMESPACE = "KODO_NAMESPACE"
MAILBOX = "mailbox"
_RUNNER = "runner-"


def namespace() -> str:
    """Return the Ray namespace in use; the panel and its services must agree on it."""
    return os.environ.get(NAMESPACE, "kodosumi")


def runner_name(job: str) -> str:
    """Return the name of the runner of `job`."""
    return _RUNNER + job


def job_of(actor: str) -> str | None:
    """Return the job that the actor named `actor` runs, or None if it is no runner."""
    return actor.removeprefix(_RUNNER) if actor.startswith(_RUNNER) else None
