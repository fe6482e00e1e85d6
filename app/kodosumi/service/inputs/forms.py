"""Alias of 1.x, for services written for it: `kodosumi.core.forms`."""

from kodosumi.sdk.forms import *  # noqa: F403 - all of it
from kodosumi.sdk.forms import __all__  # noqa: F401
