"""Which sources may be asked, and the key of Last.fm, as a person chose them on the pages: kept in a drawer."""

import json
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
    try:
        kept = drawer.read(_NAME)
        return SourceChoice() if kept is None else SourceChoice.model_validate_json(kept)
    except DataFileError as error:
        raise SettingsError(str(error), hint=error.hint) from error
    except ValidationError:
        raise SettingsError(f"{drawer.place(_NAME)} is damaged.", hint=_ANEW) from None


def forget_choice(drawer: Drawer) -> None:
    """Forgets what was chosen, the key with it."""
    drawer.delete(_NAME)


def keep_choice(drawer: Drawer, choice: SourceChoice) -> None:
    """Keeps what was chosen.

    Raises:
        CratewiseError: It cannot be written; what was kept before stays.
    """
    key = None if choice.lastfm_key is None else choice.lastfm_key.get_secret_value()
    drawer.write(_NAME, json.dumps({"sources": choice.sources, "lastfm_key": key}).encode())
