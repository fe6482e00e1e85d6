"""Where the agents' language model is, from the environment or the file `.env`."""

import os
from dataclasses import dataclass

from dotenv import dotenv_values

MISSING = (
    "No language model is set up for this service. Put OPENAI_API_KEY=… into the file .env in the "
    "folder where kodosumi was started; for a server other than OpenAI's also OPENAI_API_BASE=…, "
    "for a model other than gpt-4.1-mini OPENAI_MODEL=…. Then try again."
)


@dataclass(frozen=True)
class Endpoint:
    """A server that speaks OpenAI's protocol; `base` is None for OpenAI's own."""

    key: str
    base: str | None
    model: str


def endpoint() -> Endpoint | None:
    """Return what is set now, None without a key. The environment comes before `.env`."""
    file = dotenv_values(".env")

    def value(name: str) -> str:
        return os.environ.get(name) or file.get(name) or ""

    key = value("OPENAI_API_KEY")
    if not key:
        return None
    return Endpoint(key, value("OPENAI_API_BASE") or None, value("OPENAI_MODEL") or "gpt-4.1-mini")
