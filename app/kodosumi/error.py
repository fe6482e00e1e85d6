"""Alias of 1.x, for services written for it: `kodosumi.core.KodosumiError`."""

from kodosumi.sdk.errors import KodosumiError

__all__ = ["KodosumiError"]
