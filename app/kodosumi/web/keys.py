"""The panel's secret: made at first start, kept in the data folder, readable by its owner only."""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path

_FILE = "session.key"
_SIZE = 32


class Keys:
    """Signs what leaves the panel and must come back unchanged. `secret` is at least 32 bytes."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, purpose: str, text: str) -> str:
        """Return 43 URL-safe characters that only this panel can make for `purpose` and `text`."""
        message = f"{len(purpose)}:{purpose}:{text}".encode()
        return _encode(hmac.digest(self._secret, message, hashlib.sha256))

    def verify(self, purpose: str, text: str, signature: str) -> bool:
        """Tell whether `signature` was made by `sign`, in constant time."""
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode())


def load_keys(folder: Path) -> Keys:
    """Return the keys kept in `folder`; the first start makes them.

    Raises:
        OSError: the folder cannot be written or the file not be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _FILE
    if not path.exists():
        _make(path)
    return Keys(path.read_bytes())


def _make(path: Path) -> None:
    """Write a new key under another name first, so that nobody ever reads half of one."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_SIZE))
    with suppress(FileExistsError):  # another panel was quicker: its key counts
        os.link(draft, path)
    draft.unlink()


def _encode(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
