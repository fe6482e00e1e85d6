"""Build hook: put the panel's templates, static files and migrations into the wheel."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleHook(BuildHookInterface):
    """Acts on standard builds only: an editable install reads the folders of the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the folders to include."""
        if version == "standard":
            for folder in ("templates", "static", "migrations"):
                build_data["force_include"][folder] = f"kodosumi/_bundle/{folder}"
