"""Passwords: argon2id, computed beside the event loop."""

import asyncio
import secrets
import unicodedata
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class Passwords:
    """Makes and checks hashes; one takes about 50 ms and 64 MB, in a thread."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = _unmatched(self._hasher)

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        return await asyncio.to_thread(self._hasher.hash, _encode(password))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Tell whether `password` matches; as slow for None, which stands for an unknown user."""
        return await asyncio.to_thread(self._verify, stored or self._nobody, _encode(password))

    def outdated(self, stored: str) -> bool:
        """Tell whether `stored` was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: bytes) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (InvalidHashError, VerificationError):
            return False


def _encode(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _unmatched(hasher: PasswordHasher) -> str:
    """Return a hash that costs as much to check as a real one, and that no password has."""
    salt, digest = (
        b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()
        for size in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"
