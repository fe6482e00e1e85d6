"""`koco`: the command line, and the place where settings become adapters and processes."""

from kodosumi.cli.main import main

__all__ = ["main"]
