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


def read_choice(drawer: Drawer) -> SourceChoice:
    """What was chosen.

    Raises:
        SettingsError: It cannot be read, or is none of ours; its content, a key maybe, is not shown.
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
        written = json.dumps({"sources": choice.sources, "lastfm_key": key}).encode()
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
    try:
        return SourceChoice() if content is None else SourceChoice.model_validate_json(content)
    except ValidationError:
        raise SettingsError(f"{drawer.place(_NAME)} is damaged.", hint=_ANEW) from None
