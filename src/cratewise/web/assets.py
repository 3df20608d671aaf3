"""The files a browser loads beside the pages, under addresses that change when any of them does."""

import hashlib
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from cratewise.genres.taxonomy import Taxonomy

STATIC = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"


def static_version() -> str:
    """A digest of every static file; part of their address, so that a new release never meets an old cache."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(STATIC).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


class ImmutableFiles(StaticFiles):
    """Static files that browsers keep for good, because their address carries their version."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answers one file."""
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = FOREVER
        return response


def genre_colours_css(taxonomy: Taxonomy) -> str:
    """The families' colours as classes: the content security policy leaves no `style` attribute to put them in."""
    return "\n".join(f".g-{family.slug} {{ --genre: {family.colour}; }}" for family in taxonomy.families)
