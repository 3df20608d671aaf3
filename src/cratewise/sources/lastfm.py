"""Last.fm (ws.audioscrobbler.com): what listeners call an artist. It needs the person's own key, which is free."""

from collections.abc import Mapping, Sequence

from pydantic import Field, SecretStr, ValidationError, field_validator

from cratewise.errors import SourceError
from cratewise.sources.answers import Answer, Lax, Verdict, by_status, shown
from cratewise.sources.noise import summed, without_noise
from cratewise.sources.protocol import ArtistQuery, Asker, check_batch
from cratewise.sources.secrets import without_key

URL = "https://ws.audioscrobbler.com"
INTERVAL_S = 0.2  # about 5 calls a second
KEY_NAME = "api_key"

_PATH = "/2.0/"
_METHOD = "artist.gettoptags"
_NOT_FOUND = 6
_PASSING = frozenset({8, 11, 16, 29})  # failed, offline, unavailable for now, too fast
_KEY_REFUSED = frozenset({4, 9, 10, 13, 26})
_CHECK_KEY = (
    "Check lastfm_key in the settings: it stands on last.fm/api/accounts. Everything else goes on without Last.fm."
)
_GO_ON = "Try again later; what was found so far is kept, and everything else goes on without it."


class _Tag(Lax):
    name: str | None = None
    count: float | None = None


class _Attributes(Lax):
    artist: str | None = None


class _TopTags(Lax):
    tag: tuple[_Tag | None, ...] | None = None
    attributes: _Attributes | None = Field(default=None, alias="@attr")

    @field_validator("tag", mode="before")
    @classmethod
    def _as_several(cls, value: object) -> object:
        """A lone tag comes by itself instead of in a list."""
        return [value] if isinstance(value, dict) else value


class _TagsAnswer(Lax):
    error: int | None = None
    message: str | None = None
    toptags: _TopTags | None = None


class _Complaint(Lax):
    error: int


def verdict(answer: Answer) -> Verdict:
    """What to do with an answer: Last.fm says in the body what went wrong, whatever the status."""
    try:
        code = _Complaint.model_validate_json(answer.body).error
    except ValidationError:
        return by_status(answer)
    return Verdict.ASK_AGAIN if code in _PASSING else Verdict.READ


class LastFm:
    """Tags from Last.fm, weighed from 1 to 100 (its most given tag). One artist a call: it takes no more at once."""

    name = "lastfm"
    batch_size = 1

    def __init__(self, service: Asker, key: SecretStr) -> None:
        """Asks through `service`, which adds the key to each call.

        Args:
            service: Asks Last.fm.
            key: The key, to be kept out of what Last.fm says.
        """
        self._service = service
        self._key = key

    def fetch(self, artists: Sequence[ArtistQuery]) -> Mapping[ArtistQuery, Mapping[str, float]]:
        """Looks up one artist, by name; a misspelt name is corrected there.

        Raises:
            SourceError: It is down, refuses (a wrong key), or answered what cannot be understood.
            ValueError: These are several artists.
        """
        check_batch(self, artists)
        found = {artist: self._tags(artist.name) for artist in artists if artist.name.strip()}
        return {artist: tags for artist, tags in found.items() if tags is not None}

    def _tags(self, name: str) -> dict[str, float] | None:
        query = [("method", _METHOD), ("artist", name), ("autocorrect", "1"), ("format", "json")]
        answer = self._service.ask(_PATH, query, _TagsAnswer)
        if answer.error == _NOT_FOUND:
            return None
        if answer.error is not None or answer.toptags is None:
            said = shown(without_key(answer.message or "no tags and no reason", self._key))
            message = f"it refuses the call (error {answer.error}: {said})"
            hint = _CHECK_KEY if answer.error in _KEY_REFUSED else _GO_ON
            raise SourceError("Last.fm", f"GET {_PATH} {_METHOD}", message, hint=hint)
        corrected = (answer.toptags.attributes and answer.toptags.attributes.artist) or ""
        tags = summed((tag.name or "", tag.count or 0) for tag in filter(None, answer.toptags.tag or ()))
        return without_noise(tags, (name, corrected))
