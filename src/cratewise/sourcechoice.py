"""Which sources may be asked, and the key of Last.fm, as a person chose them on the pages: kept in a drawer."""

import json
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from cratewise.drawer import Drawer
from cratewise.errors import DataFileError, SettingsError

SourceName = Literal["reccobeats", "musicbrainz", "lastfm"]
Key = Annotated[SecretStr, Field(max_length=100)]
_NAME = "sources.json"
_ANEW = "Delete it, and choose the sources anew."


class SourceChoice(BaseModel):
    """What was chosen; `None` where nothing was.

    Attributes:
        sources: Which may be asked.
        lastfm_key: The person's key of Last.fm.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[SourceName, ...] | None = None
    lastfm_key: Key | None = None


class _Written(BaseModel):
    """A choice as it is kept, its key as the drawer keeps secrets."""

    model_config = ConfigDict(extra="forbid")

    sources: tuple[SourceName, ...] | None = None
    lastfm_key: Annotated[str, Field(max_length=1000)] | None = None


def read_choice(drawer: Drawer) -> SourceChoice:
    """What was chosen.

    Raises:
        SettingsError: It cannot be read, or is none of ours; its content, a key maybe, is not shown.
        SpotifyError: What a host's secrets are encrypted with cannot be read.
    """
    return _understood(drawer, _content(drawer))


def change_choice(drawer: Drawer, changed: Callable[[SourceChoice], SourceChoice]) -> SourceChoice:
    """Keeps what becomes of the choice as it is at that moment, whoever else changes it.

    Args:
        drawer: Where it is kept.
        changed: What becomes of it; may be asked again, where another process was quicker.

    Raises:
        CratewiseError: It cannot be read or written; what was kept before stays.
    """
    while True:
        content = _content(drawer)
        choice = changed(_understood(drawer, content))
        key = None if choice.lastfm_key is None else choice.lastfm_key.get_secret_value()
        sealed = None if key is None else drawer.sealed(key)
        written = json.dumps({"sources": choice.sources, "lastfm_key": sealed}).encode()
        if drawer.replace(_NAME, content, written):
            return choice


def forget_choice(drawer: Drawer) -> None:
    """Forgets what was chosen, the key with it."""
    drawer.delete(_NAME)


def _content(drawer: Drawer) -> bytes | None:
    try:
        return drawer.read(_NAME)
    except DataFileError as error:
        raise SettingsError(str(error), hint=error.hint) from error


def _understood(drawer: Drawer, content: bytes | None) -> SourceChoice:
    if content is None:
        return SourceChoice()
    try:
        written = _Written.model_validate_json(content)
        key = None if written.lastfm_key is None else drawer.opened(written.lastfm_key)
        return SourceChoice.model_validate({"sources": written.sources, "lastfm_key": key})
    except ValidationError:
        raise SettingsError(f"{drawer.place(_NAME)} is damaged.", hint=_ANEW) from None
