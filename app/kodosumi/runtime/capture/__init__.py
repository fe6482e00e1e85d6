"""What a job prints, as events, one per line."""

from kodosumi.runtime.capture.capture import Capture, captured

__all__ = ["Capture", "captured"]
