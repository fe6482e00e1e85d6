"""Alias of 1.x, for services written for it: `kodosumi.core.InputsError`."""

from kodosumi.sdk.errors import InputsError

__all__ = ["InputsError"]
