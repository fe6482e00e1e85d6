"""Signed addresses: who holds one may do one thing, as one person, for a short time."""

from dataclasses import dataclass

from kodosumi.web.keys import Keys

LIFETIME = 3600
"""Seconds for which a frame's address is good: as long as a person may take to fill a form."""

_PURPOSE = "frame"


@dataclass(frozen=True)
class Capability:
    """Lets a frame show a service to a person until `expires` (epoch seconds)."""

    user_id: int
    service_id: str
    expires: int

    def seal(self, keys: Keys) -> str:
        """Return the capability as one part of a path."""
        text = f"{self.user_id}.{self.service_id}.{self.expires}"
        return f"{text}.{keys.sign(_PURPOSE, text)}"


def unseal(token: str, keys: Keys, now: float) -> Capability | None:
    """Return the capability that `seal` has made a token of, None if it is forged or over."""
    text, _, signature = token.rpartition(".")
    if not keys.verify(_PURPOSE, text, signature):
        return None
    user_id, service_id, expires = text.split(".")
    return Capability(int(user_id), service_id, int(expires)) if int(expires) > now else None
