"""The wheel holds all that the panel needs, and works away from the checkout."""

import json
import sqlite3
import zipfile
from pathlib import Path

import pytest
from environment import ROOT, Installed

pytestmark = pytest.mark.packaging

IMPORT_ALL = """
import importlib, json, pkgutil, kodosumi
found = pkgutil.walk_packages(kodosumi.__path__, "kodosumi.")
names = [each.name for each in found if not each.name.endswith("__main__")]
for name in names:
    importlib.import_module(name)
print(json.dumps(names))
"""


def test_bundle_is_the_checkouts_folders(wheel: Path) -> None:
    bundle = "kodosumi/_bundle/"
    with zipfile.ZipFile(wheel) as archive:
        packed = {each.removeprefix(bundle) for each in archive.namelist() if bundle in each}
    kept = {
        path.relative_to(ROOT).as_posix()
        for folder in ("templates", "static", "migrations")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == kept


def test_wheel_holds_the_package_only(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {each.split("/")[0] for each in names}
    assert {each for each in tops if not each.endswith(".dist-info")} == {"kodosumi"}
    assert "kodosumi/py.typed" in names


def test_koco_helps(installed: Installed) -> None:
    assert "start" in installed.call("koco", "--help")


def test_folders_are_those_of_the_wheel(installed: Installed) -> None:
    code = "from kodosumi import paths as p; print(p.TEMPLATES, p.STATIC, p.MIGRATIONS, sep='\\n')"
    for folder in installed.python(code).split():
        assert Path(folder).is_relative_to(installed.venv)
        assert Path(folder).is_dir()


def test_nothing_points_to_the_checkout(installed: Installed) -> None:
    looked_in = json.loads(installed.python("import json, sys; print(json.dumps(sys.path))"))
    assert not [each for each in looked_in if Path(each).is_relative_to(ROOT)]


def test_all_modules_import_with_the_pinned_packages(installed: Installed) -> None:
    names = json.loads(installed.python(IMPORT_ALL).splitlines()[-1])
    assert {"kodosumi.core", "kodosumi.serve", "kodosumi.response"} <= set(names)


def test_database_is_made_from_the_wheels_migrations(installed: Installed, tmp_path: Path) -> None:
    installed.call("koco", "db", "upgrade", KODO_DATA=str(tmp_path))
    with sqlite3.connect(tmp_path / "kodosumi.db") as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert {"jobs", "events", "users", "alembic_version"} <= tables
