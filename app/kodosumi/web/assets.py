"""Static files: addresses that change with the content, and the style sheet as one file.

`static/css/main.css` names the style sheets and their cascade layers. It is sent with its imports
filled in: one request, and one digest that covers them all.
"""

import re
from functools import cache
from hashlib import blake2b

from litestar import MediaType, get
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from kodosumi import paths
from kodosumi.web.auth import OPEN

STYLES = "css/main.css"
_IMPORT = re.compile(r'@import "([\w./-]+)" layer\((\w+)\);')


def styles() -> str:
    """Return main.css with each import replaced by the file, in its layer.

    Raises:
        FileNotFoundError: an imported file is missing.
    """
    folder = (paths.STATIC / STYLES).parent
    main = (paths.STATIC / STYLES).read_text()
    return _IMPORT.sub(lambda m: f"@layer {m[2]} {{\n{(folder / m[1]).read_text()}}}", main)


def digest(path: str) -> str:
    """Return a short digest of what is sent for the file `path` under static/."""
    content = styles().encode() if path == STYLES else (paths.STATIC / path).read_bytes()
    return blake2b(content, digest_size=5).hexdigest()


@cache
def _kept_digest(path: str, _newest: float) -> str:
    return digest(path)


def _newest(path: str) -> float:
    file = paths.STATIC / path
    files = file.parent.rglob("*.css") if path == STYLES else [file]
    return max(f.stat().st_mtime for f in files)


def asset(path: str) -> str:
    """Return the address of the file `path` under static/, with a digest of its content.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return f"/static/{path}?v={_kept_digest(path, _newest(path))}"


@get(f"/static/{STYLES}", media_type=MediaType.CSS, opt=OPEN)
async def main_css() -> str:
    """Send the whole style sheet."""
    return styles()


route_handlers: list[ControllerRouterHandler] = [
    main_css,
    create_static_files_router("/static", [paths.STATIC], opt=dict(OPEN)),
]
