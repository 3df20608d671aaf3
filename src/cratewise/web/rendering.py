"""Jinja2 templates with what every page needs: the frame, the icons, and how numbers and times are written."""

import hashlib
import re
import unicodedata
import zlib
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from cratewise.classification import percent_of
from cratewise.genres.taxonomy import Taxonomy
from cratewise.playlists.chosen import genre_of
from cratewise.playlists.plan import STAY, STAYS, WHY_LEFT_OUT
from cratewise.spotify.login import DASHBOARD
from cratewise.web.api import THEME_COOKIE, THEMES
from cratewise.web.assets import genre_colours_css, static_version
from cratewise.web.covers import VARIANTS
from cratewise.web.errors import Way

NAVIGATION = (
    ("/", "Overview", "overview"),
    ("/genres", "Genres", "genres"),
    ("/songs", "Songs", "songs"),
    ("/review", "Review", "review"),
    ("/map", "Map", "map"),
    ("/settings", "Settings", "rules"),
    ("/history", "History", "history"),
)
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Letters that are not seen and turn others round: in a title they could make it read as another (`names.js`)."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
SURE_WORDS = ("not sorted", "unsure", "fairly sure", "sure")


class Renderer:
    """Turns a template and values into a page.

    Attributes:
        static: Where the static files are, their version included.
        genres_css: The genres' colours as a style sheet.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.static = f"/static/{static_version()}"
        self.genres_css = genre_colours_css(taxonomy)
        self._environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=unturned,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "count": count, "plural": plural, "difference": difference, "moment": moment, "duration": duration,
            "variant": variant, "capitalised": capitalised, "told": told, "titled": titled, "percent": percent_of,
        }  # fmt: skip
        self._environment.globals |= {
            "static": self.static,
            "genres_css": f"/genres.css?v={hashlib.sha256(self.genres_css.encode()).hexdigest()[:8]}",
            "navigation": NAVIGATION,
            "sure_words": SURE_WORDS,
            "why_left_out": WHY_LEFT_OUT,
            "stays": {"one": STAYS, "many": STAY},
            "own_name": lambda slug: taxonomy.genre(slug).name,
            "family_slug": lambda mark: taxonomy.family_of(genre_of(mark)).slug,
        }

    def prepare(self) -> None:
        """Reads every template, so that the first look at a page does not have to."""
        for template in self._environment.list_templates():
            self._environment.get_template(template)

    def page(self, request: Request, template: str, *, status: int = 200, **values: object) -> Response:
        """Renders one page."""
        theme = request.cookies.get(THEME_COOKIE, "")
        theme = theme if theme in THEMES else "auto"
        text = self._environment.get_template(template).render(theme=theme, status=status, **values)
        return HTMLResponse(text, status_code=status)

    def error_page(self, request: Request, status: int, message: str, hint: str, way: Way) -> Response:
        """The page for everything that went wrong; it depends on nothing that could be broken."""
        frame = {
            "here": "",
            "account": None,
            "job": None,
            "revision": "",
            "logged_in": True,
            "has_passphrase": False,
            "is_host": False,
            "is_from_file": False,
            "address": "/",
        }
        return self.page(request, "error.html", status=status, message=message, hint=hint, way=way, **frame)


def count(number: int) -> str:
    """Writes 3120 as "3,120"."""
    return f"{number:,}"


def plural(number: int, one: str, many: str = "") -> str:
    """Writes "1 song" or "3,120 songs"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def difference(added: int, removed: int) -> str:
    """Writes what goes in and what goes out, each with its sign; only "+5" when nothing goes out."""
    minus = "\N{MINUS SIGN}"
    return " ".join([f"+{added:,}"] * bool(added) + [f"{minus}{removed:,}"] * bool(removed))


def moment(time: datetime) -> str:
    """Writes a time in the time zone of this machine, which is the person's own."""
    return f"{time.astimezone():%-d %b %Y, %H:%M}"


def duration(seconds: float | None) -> str:
    """Writes an estimate as a person would say it; empty when there is none. `job.js` has the same words."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"about {max(round(seconds), 1)} s left"
    return f"about {round(seconds / 60)} min left"


def capitalised(text: str) -> str:
    """Writes a message as a sentence begins, the rest as it is."""
    return text[:1].upper() + text[1:]


def told(text: str) -> Markup:
    """Marks commands in a message as such, and makes a link of the address of Spotify's dashboard."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    link = f'<a href="{DASHBOARD}" target="_blank" rel="noreferrer">{DASHBOARD.removeprefix("https://")}</a>'
    return Markup(marked.replace(DASHBOARD, link))  # noqa: S704 (escaped above)


def unturned(value: object) -> object:
    """Whatever a page shows, without letters that turn others round: a text reads as it is written, anywhere."""
    return value.translate(_TURNING) if isinstance(value, str) and not value.isascii() else value


def titled(title: str) -> str:
    """A title that can be seen: there are letters that look like nothing. `names.js` has the same rule."""
    seen = (one for one in title if one not in _BLANK and unicodedata.category(one)[0] not in "CZ")
    return title if any(seen) else "Untitled"


def variant(text: str) -> int:
    """Which picture of its genre an album or a song has."""
    return zlib.crc32(text.encode()) % VARIANTS
