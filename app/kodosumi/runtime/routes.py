"""The functions of an author behind the routes of an app."""


def function_of(route: object) -> object:
    """Return the author's function behind `route`, that of a form service included."""
    endpoint = getattr(route, "endpoint", None)
    page = getattr(endpoint, "__self__", None)
    return getattr(page, "function", endpoint)
