"""Door for authors: the older one, for what publishes services."""

from kodosumi.runtime.launch import Launch
from kodosumi.runtime.service import ServeAPI
from kodosumi.sdk.templates import Templates

__all__ = ["Launch", "ServeAPI", "Templates"]
