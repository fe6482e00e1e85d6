"""Logs on standard error: one line a record, without the noise of libraries."""

import logging

_NOISY = ("ray", "httpx", "httpcore", "asyncio", "aiosqlite", "uvicorn.error", "alembic")


def set_up(level: str) -> None:
    """Log records from `level` (debug, info, warning, error) on; of libraries, warnings."""
    logging.basicConfig(
        level=level.upper(),
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
        force=True,
    )
    if level != "debug":
        for name in _NOISY:
            logging.getLogger(name).setLevel(logging.WARNING)
