"""Jinja2 templates for hand-written pages."""

from typing import Any

from starlette.responses import HTMLResponse
from starlette.templating import Jinja2Templates


class Templates(Jinja2Templates):
    """Starlette's templates; also takes the older `TemplateResponse(name, {"request": …})`."""

    def TemplateResponse(self, *args: Any, **kwargs: Any) -> HTMLResponse:  # type: ignore[override] # noqa: N802 - Starlette's name
        """Return the page of a template; see `starlette.templating.Jinja2Templates`."""
        if args and isinstance(args[0], str):
            name, *rest = args
            context = rest.pop(0) if rest else kwargs.pop("context", {})
            args = (context["request"], name, context, *rest)
        elif "request" not in kwargs and not args:
            kwargs["request"] = kwargs["context"]["request"]
        return super().TemplateResponse(*args, **kwargs)
