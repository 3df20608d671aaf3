"""What is the same whoever looks: the page that says whose accounts there are, and what all pages load."""

from importlib import resources

from fastapi import APIRouter, Response

from cratewise.spotify.sandbox.crowd import Everyone
from cratewise.spotify.sandbox.html import rendered

_STATIC_TYPES = {"sandbox.css": "text/css", "mark.svg": "image/svg+xml"}

router = APIRouter()


@router.get("/people")
def people_page(crowd: Everyone) -> Response:
    """Everybody who has an account here, with a link to its page."""
    people = [(parts.store.account, f"{parts.root}/") for parts in crowd.parts]
    return rendered("people.html", title="Accounts", account=None, root="", people=people)


@router.get("/static/{name}")
def static_file(name: str) -> Response:
    """What the pages load: their style sheet and their icon."""
    if name not in _STATIC_TYPES:
        return rendered("missing.html", status=404, account=None, root="", what="file")
    content = resources.files("cratewise.spotify.sandbox").joinpath("static", name).read_bytes()
    return Response(content, media_type=_STATIC_TYPES[name], headers={"cache-control": "no-cache"})
