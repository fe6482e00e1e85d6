"""Copy the vendored browser files from unpacked npm packages into static/.

Usage: npm install --prefix build/vendor htmx.org@4.0.1 lucide-static@1.62.0
       python scripts/vendor.py build/vendor/node_modules
"""

import json
import re
import sys
from pathlib import Path

STATIC = Path(__file__).parent.parent / "static"
SCRIPTS = {"htmx": "dist/htmx.min.js", "hx-sse": "dist/ext/hx-sse.min.js"}
ICONS = """
activity arrow-down-to-line arrow-left ban bot check chevron-down chevron-left chevron-right
circle-alert circle-check circle-dashed circle-question-mark circle-x clock copy cpu download
ellipsis external-link file-text folder hand hourglass inbox info key-round layers layout-grid list
loader-circle lock log-out monitor moon octagon-x pencil play plus refresh-cw rocket rotate-cw
scroll-text search server settings square sun tag terminal timer trash-2 triangle-alert unplug user
users wrench x
"""
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def copy_htmx(package: Path) -> None:
    """Copy htmx and its SSE extension, with the version in the name and without source maps."""
    version = json.loads((package / "package.json").read_text())["version"]
    for name, path in SCRIPTS.items():
        text = (package / path).read_text()
        text = re.sub(r"\n?//# sourceMappingURL=\S+\s*$", "\n", text)
        (STATIC / "js" / f"{name}-{version}.min.js").write_text(text)
    (STATIC / "js" / "htmx.LICENSE").write_text((package / "LICENSE").read_text())


def symbol(name: str, svg: str) -> str:
    """Return one icon file as a <symbol> that takes the colour of its surroundings."""
    match = BODY.search(COMMENT.sub("", svg))
    if match is None:
        sys.exit(f"{name} is not an SVG file")
    shapes = re.sub(r"\s*\n\s*", " ", match[1]).strip().replace("> <", "><")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def make_sprite(package: Path) -> None:
    """Write icons.svg, one symbol per name in ICONS, and the licence beside it."""
    rows = (symbol(n, (package / "icons" / f"{n}.svg").read_text()) for n in ICONS.split())
    notice = "<!-- Icons: Lucide, ISC licence, see icons.LICENSE -->"
    head = '<svg xmlns="http://www.w3.org/2000/svg">'
    (STATIC / "icons.svg").write_text("\n".join([head, notice, *rows, "</svg>", ""]))
    (STATIC / "icons.LICENSE").write_text((package / "LICENSE").read_text())


def main() -> None:
    """Vendor everything from the node_modules folder named on the command line."""
    modules = Path(sys.argv[1])
    copy_htmx(modules / "htmx.org")
    make_sprite(modules / "lucide-static")


if __name__ == "__main__":
    main()
