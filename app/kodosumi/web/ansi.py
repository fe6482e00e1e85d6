"""Terminal control sequences in the output of jobs."""

import re

_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC and other strings, to their end
    r"|\x1b[ -/]*[0-~]"  # other escapes
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]",  # other controls
    re.DOTALL,
)


def strip(text: str) -> str:
    """Return `text` as a terminal would leave it, without colours.

    Of a line that was rewritten with carriage returns only the last state is kept.
    """
    if "\r" in text:
        text = "\n".join(_last_state(line) for line in text.split("\n"))
    return _SEQUENCES.sub("", text)


def _last_state(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2]
