"""What a sandbox account is made of: frozen values, so that a reader's view never changes under it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

ItemKind = Literal["track", "local", "episode"]
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time as everything here takes it: in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Artist:
    """An artist; local files have artists without an id."""

    id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Album:
    """An album; `year` is `None` where nobody knows it (local files)."""

    id: str | None
    name: str
    artists: tuple[Artist, ...]
    year: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """Something a playlist can hold: a track, a local file or a podcast episode.

    Attributes:
        uri: `spotify:track:…`, `spotify:local:…` or `spotify:episode:…`; the key everywhere.
        id: The last part of the uri; `None` for local files.
        kind: Which of the three it is.
        name: Title.
        artists: Names as billed; empty for episodes.
        album: `None` for episodes.
        show: The podcast of an episode, else empty.
        is_playable: False for a track that Spotify no longer offers in the account's country.
        isrc: Empty where it is not known: none is ever invented.
        duration_ms: 0 where it is not known.
    """

    uri: str
    id: str | None
    kind: ItemKind
    name: str
    artists: tuple[Artist, ...] = ()
    album: Album | None = None
    show: str = ""
    is_playable: bool = True
    isrc: str = ""
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class SavedTrack:
    """A liked song."""

    uri: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in a playlist; `uri` is `None` where Spotify knows no more what stood there and answers null."""

    uri: str | None
    added_at: datetime
    added_by: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who owns playlists."""

    id: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist.

    Attributes:
        revision: Counts the writes; the snapshot id is made from it.
        is_followed: Whether it stands in the account's library; "deleting" a playlist only takes it out of there.
        cover: The cover a client sent, as base64 of a JPEG; empty where there is none.
        made_at: When a client made it; `None` for one that was always there.
    """

    id: str
    name: str
    owner: Person
    description: str = ""
    public: bool = True
    collaborative: bool = False
    entries: tuple[Entry, ...] = ()
    revision: int = 1
    is_followed: bool = True
    cover: str = ""
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """All that Spotify knows of one person.

    Attributes:
        account_id: The immutable key of the account.
        person: The account's owner.
        items: Everything there is to play, by uri: liked, in playlists, or only to be found by search.
        saved: Liked songs, newest first.
        playlists: By id, oldest first.
    """

    account_id: str
    person: Person
    items: Mapping[str, Item] = field(default_factory=dict)
    saved: tuple[SavedTrack, ...] = ()
    playlists: Mapping[str, Playlist] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person allowed one app.

    Attributes:
        authorised_at: When the person said yes; the refresh token ends six months after it, refreshed or not.
        is_revoked: True after the person took it back, or once its refresh token was replaced by another.
    """

    client_id: str
    scopes: tuple[str, ...]
    authorised_at: datetime
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    access_expires_at: datetime
    is_revoked: bool = False
