"""Spotify's JSON, read tolerantly: absent, null and unknown fields do no harm, wrong types are an error.

Text never holds what no terminal, database or file could take: half of a surrogate pair, or a control character.

The field names of 2026 (`item`, `items`) and the ones before (`track`, `tracks`) are both read.
"""

import math
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from cratewise.tracks import printable

T = TypeVar("T")
UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    return "" if value is None else value


def _whole(value: Any) -> Any:
    return round(value) if isinstance(value, float) and math.isfinite(value) else value


def _without_nulls(value: Any) -> Any:
    if value is None:
        return ()
    return [entry for entry in value if entry is not None] if isinstance(value, list) else value


def _unless_negative(count: int | None) -> int | None:
    return None if count is None or count < 0 else count  # Spotify's file sets no bounds; below 0 says nothing


def _in_utc(time: datetime) -> datetime:
    try:
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as failure:
        raise ValueError(f"{time} is outside the calendar") from failure


Text = Annotated[str, BeforeValidator(_text)]
Listed = Annotated[tuple[T, ...], BeforeValidator(_without_nulls)]
Id = Annotated[str, Field(min_length=1), BeforeValidator(_text)]
Time = Annotated[datetime, BeforeValidator(lambda value: value or UNKNOWN_TIME), AfterValidator(_in_utc)]
Count = Annotated[Annotated[int, Field(lt=2**31)] | None, AfterValidator(_unless_negative)]


class _Raw(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class RawUser(_Raw):
    """`GET /me`."""

    account_id: Text = ""
    id: Text = ""
    display_name: Text = ""


class RawImage(_Raw):
    """One size of a cover."""

    url: Text = ""
    width: int | None = None


class RawArtist(_Raw):
    """An artist as it stands on a track."""

    id: Text = ""
    name: Text = ""


class RawAlbum(_Raw):
    """An album as it stands on a track."""

    name: Text = ""
    release_date: Text = ""
    images: Listed[RawImage] = ()


class RawShow(_Raw):
    """The podcast an episode belongs to."""

    name: Text = ""
    images: Listed[RawImage] = ()


class RawExternalIds(_Raw):
    """Identifiers from outside Spotify."""

    isrc: Text = ""


class RawItem(_Raw):
    """A track, a local file or an episode."""

    type: Text = ""
    id: Text = ""
    uri: Text = ""
    name: Text = ""
    artists: Listed[RawArtist] = ()
    album: RawAlbum | None = None
    show: RawShow | None = None
    images: Listed[RawImage] = ()
    release_date: Text = ""
    duration_ms: Annotated[int | None, BeforeValidator(_whole)] = None
    explicit: bool | None = None
    external_ids: RawExternalIds | None = None
    is_local: bool | None = None
    is_playable: bool | None = None
    restrictions: dict[Any, Any] | None = None
    available_markets: list[Any] | None = None


class RawSavedTrack(_Raw):
    """An entry of `GET /me/tracks`."""

    added_at: Time = UNKNOWN_TIME
    track: RawItem | None = None
    item: RawItem | None = None


class RawPlaylistEntry(_Raw):
    """An entry of `GET /playlists/{id}/items`."""

    is_local: bool | None = None
    item: RawItem | None = None
    track: RawItem | None = None


class RawOwner(_Raw):
    """Who a playlist belongs to."""

    id: Text = ""


class RawTotal(_Raw):
    """How many entries a playlist has."""

    total: Count = None


class RawUrls(_Raw):
    """Pages outside the Web API."""

    spotify: Text = ""


class RawPlaylist(_Raw):
    """A playlist, with or without its contents (which are not read here)."""

    id: Id
    name: Text = ""
    description: Text = ""
    owner: RawOwner | None = None
    snapshot_id: Text = ""
    public: bool | None = None
    collaborative: bool | None = None
    items: RawTotal | None = None
    tracks: RawTotal | None = None
    external_urls: RawUrls | None = None


class RawPage(_Raw):
    """A page of anything; each entry is read for itself."""

    items: tuple[Any, ...]
    total: Count = None
    next: Text = ""


class RawSnapshot(_Raw):
    """The answer to a change of a playlist's contents."""

    snapshot_id: Id
