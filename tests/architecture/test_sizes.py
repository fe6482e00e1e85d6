"""Files stay small: one that outgrows its limit usually holds two ideas."""

import pytest
from tree import files, name


def too_long(pattern: str, under: str, limit: int) -> list[str]:
    sizes = {name(path): len(path.read_text().splitlines()) for path in files(pattern, under)}
    return [f"{path}: {lines} lines" for path, lines in sizes.items() if lines > limit]


@pytest.mark.parametrize("under", ["app", "apps", "migrations", "scripts"])
def test_modules(under: str) -> None:
    assert too_long("*.py", under, 300) == []


def test_tests() -> None:
    assert too_long("*.py", "tests", 400) == []


def test_templates() -> None:
    assert too_long("*.html", "templates", 120) == []


def test_scripts() -> None:
    assert too_long("*.sh", "scripts", 100) == []
