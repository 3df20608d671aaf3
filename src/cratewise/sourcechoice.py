"""Which sources may be asked, and the key of Last.fm, as a person chose them on the pages: kept in the data folder."""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from cratewise.errors import SettingsError
from cratewise.wholefile import write_owned

SourceName = Literal["reccobeats", "musicbrainz", "lastfm"]
Key = Annotated[SecretStr, Field(max_length=100)]
_FILE = "sources.json"


class SourceChoice(BaseModel):
    """What was chosen; `None` where nothing was.

    Attributes:
        sources: Which may be asked.
        lastfm_key: The person's key of Last.fm.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[SourceName, ...] | None = None
    lastfm_key: Key | None = None


def read_choice(data_dir: Path) -> SourceChoice:
    """What was chosen in this data folder.

    Raises:
        SettingsError: The file cannot be read, or is none of ours; its content, a key maybe, is not shown.
    """
    path = data_dir / _FILE
    try:
        return SourceChoice.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return SourceChoice()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError:
        raise SettingsError(f"{path} is damaged.", hint="Delete it, and choose the sources anew.") from None


def forget_choice(data_dir: Path) -> None:
    """Forgets what was chosen, the key with it."""
    (data_dir / _FILE).unlink(missing_ok=True)


def keep_choice(data_dir: Path, choice: SourceChoice) -> None:
    """Keeps what was chosen, in a file that only its owner can read.

    Raises:
        DataFileError: It cannot be written; what was kept before stays.
    """
    key = None if choice.lastfm_key is None else choice.lastfm_key.get_secret_value()
    write_owned(data_dir / _FILE, json.dumps({"sources": choice.sources, "lastfm_key": key}).encode())
