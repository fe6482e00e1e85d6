"""The files of the checkout, for the tests of the house."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = {"artifacts", "build", "data", "dist", "node_modules", "__pycache__"}
KEPT_DOTS = {".ci", ".dockerignore", ".editorconfig", ".gitignore", ".pre-commit-config.yaml"}


def files(pattern: str = "*", under: str = ".") -> Iterator[Path]:
    """Give the files of the checkout below `under`, without what tools made."""
    for path in sorted((ROOT / under).rglob(pattern)):
        parts = path.relative_to(ROOT).parts
        made = MADE.intersection(parts)
        hidden = any(part.startswith(".") and part not in KEPT_DOTS for part in parts)
        if path.is_file() and not made and not hidden:
            yield path


def name(path: Path) -> str:
    """Tell the path from the root of the checkout."""
    return path.relative_to(ROOT).as_posix()
