"""A module that cannot be imported, and says something before."""

print("before it breaks")  # noqa: T201
msg = "broken as a module"
raise RuntimeError(msg)
