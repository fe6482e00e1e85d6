"""Alias of 1.x, for services written for it: `kodosumi.core.Tracer`."""

from kodosumi.sdk.tracer import Tracer

__all__ = ["Tracer"]
