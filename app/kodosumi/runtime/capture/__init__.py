"""What a job writes, as events, one per line.

`streams` and `pipes` take it, `desk` makes events of it; `forks` brings what forked children emit;
`following`, `parcels` and `visits` do the same in the workers that run the job's Ray tasks and
actors.
"""

from kodosumi.runtime.capture.capture import Capture

__all__ = ["Capture"]
