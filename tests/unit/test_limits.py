"""What the panel asks for before it serves many streams."""

import resource
import subprocess
import sys

SCRIPT = """
import resource
from kodosumi.cli.limits import allow_many_files
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 2048))
allow_many_files()
allow_many_files()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def test_as_many_files_as_the_system_allows() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["2048", "2048"]
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before
