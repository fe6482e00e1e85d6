"""Door for authors: all that a service needs."""

from kodosumi.runtime.launch import Launch
from kodosumi.runtime.service import ServeAPI
from kodosumi.sdk import forms
from kodosumi.sdk import responses as response
from kodosumi.sdk.errors import InputsError, KodosumiError
from kodosumi.sdk.templates import Templates
from kodosumi.sdk.tracer import Tracer, TracerMock

__all__ = [
    "InputsError",
    "KodosumiError",
    "Launch",
    "ServeAPI",
    "Templates",
    "Tracer",
    "TracerMock",
    "forms",
    "response",
]
