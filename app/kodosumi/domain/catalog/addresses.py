"""Addresses of services: which are taken, and what they stand for."""

import httpx

from kodosumi.domain.errors import InvalidError

ROUTES = "/-/routes"
"""Where Ray Serve lists its applications."""

DOCUMENT = "/openapi.json"
"""Where an application describes itself."""

LONGEST = 500

_LAST_PORT = 65535
_EXAMPLE = "Use an address like http://host:8001/-/routes."
_THIS_MACHINE = {"0.0.0.0": "127.0.0.1", "localhost": "127.0.0.1", "::": "::1"}  # noqa: S104
"""Names under which one service would be found twice; they are asked, never bound to."""


def checked(url: str) -> str:
    """Return `url` in the form in which it is kept.

    Raises:
        InvalidError: field `url`: not http or https, no host, a password in it, or too long.
    """
    try:
        address = httpx.URL(url.strip()).copy_with(fragment=None)
        problem = _problem(address)
    except (httpx.InvalidURL, ValueError):
        problem = _EXAMPLE
    if problem:
        raise InvalidError({"url": [problem]})
    return str(address)


def configured(setting: str, url: str) -> str:
    """Return the address of a setting as it is kept; InvalidError names the setting."""
    try:
        return checked(url)
    except InvalidError as error:
        raise InvalidError({setting: [f"{setting}: {error}"]}) from None


def target(url: str) -> str:
    """Return where to look for what is registered as `url`.

    An address without a path is asked for its OpenAPI document.
    """
    address = httpx.URL(url)
    path = DOCUMENT if address.path in {"", "/"} else address.path
    host = _THIS_MACHINE.get(address.host, address.host)
    return str(address.copy_with(host=host, path=path))


def folder(url: str) -> str:
    """Return the address without its last part and query: the base of an OpenAPI document."""
    return url.partition("?")[0].rpartition("/")[0]


def _problem(address: httpx.URL) -> str:
    if address.scheme not in {"http", "https"} or not address.host:
        return "Use an address that begins with http:// or https://."
    if "%" in address.host or (address.port or 0) > _LAST_PORT:
        return _EXAMPLE
    if address.userinfo:
        return "Leave name and password out of the address."
    if len(str(address)) > LONGEST:
        return f"Use at most {LONGEST} characters."
    return ""
