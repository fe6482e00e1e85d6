"""Where the detached actors are found in Ray."""

import os

NAMESPACE = "KODO_NAMESPACE"
MAILBOX = "mailbox"


def namespace() -> str:
    """Return the Ray namespace in use; the panel and its services must agree on it."""
    return os.environ.get(NAMESPACE, "kodosumi")
