"""Turns templates into pages that may load nothing but their own style sheet and pictures."""

from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

_TEMPLATES = Environment(
    loader=PackageLoader("cratewise.spotify.sandbox"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def rendered(template: str, *, status: int = 200, form_targets: str = "", **values: Any) -> HTMLResponse:
    """A page.

    Args:
        template: File name under `templates/`.
        status: HTTP status.
        form_targets: Where its form may lead besides here; browsers hold redirects after a form to this too.
        values: What the template shows.
    """
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {form_targets}"
    ).rstrip()
    headers = {
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return HTMLResponse(_TEMPLATES.get_template(template).render(values), status, headers)
