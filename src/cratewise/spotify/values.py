"""What Spotify's answers mean to the rest of the program."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

from cratewise.tracks import Track

T = TypeVar("T")

Kind = Literal["track", "local", "episode"]


@dataclass(frozen=True, slots=True)
class User:
    """An account at Spotify.

    Attributes:
        account_id: Never changes; the key of the account.
        id: The user id, which owners of playlists are named by.
        display_name: Name to show; the id where there is none.
    """

    account_id: str
    id: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list.

    Attributes:
        items: What is there.
        total: How long the list is, as Spotify counts; never less than what it gave.
        offset: Where this part starts.
        next: Offset of the next part, `None` at the end. Go on there: `items` may be shorter than the part.
    """

    items: tuple[T, ...]
    total: int
    offset: int
    next: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be liked or stand in a playlist.

    Attributes:
        track: The song as far as it is known; for a local file its id is the URI.
        uri: How Spotify names it.
        kind: A song of Spotify's, a file on somebody's machine, or a podcast episode (or another spoken thing).
        available: False when Spotify no longer plays it.
        artist_ids: Spotify's ids of the artists, in the order of their names; empty for one that has none.
        cover_url: A cover of about 300 pixels, empty when there is none.
    """

    track: Track
    uri: str
    kind: Kind
    available: bool = True
    artist_ids: tuple[str, ...] = ()
    cover_url: str = ""


@dataclass(frozen=True, slots=True)
class SavedItem:
    """A liked song.

    Attributes:
        added_at: When it was liked, in UTC; 1970 when Spotify does not say.
        item: The song; `None` where Spotify gives nothing, or nothing that can be understood.
    """

    added_at: datetime
    item: Item | None


@dataclass(frozen=True, slots=True)
class PlaylistEntry:
    """One place in a playlist.

    Attributes:
        uri: What stands there; `None` where Spotify does not say. Leave such a place alone.
        item: What is known of it; `None` where Spotify gives nothing.
    """

    uri: str | None
    item: Item | None


@dataclass(frozen=True, slots=True)
class PlaylistSummary:
    """A playlist without its contents.

    Attributes:
        id: Spotify's id.
        name: As shown.
        description: As shown, empty when there is none.
        owner_id: User id of the owner.
        snapshot_id: Changes with each write, also by others.
        public: Whether it stands on the owner's profile; `None` when Spotify does not say. Never a promise of privacy.
        total: How many entries it has.
        url: Its page at Spotify.
        collaborative: Whether others may change it.
    """

    id: str
    name: str
    description: str
    owner_id: str
    snapshot_id: str
    public: bool | None
    total: int
    url: str
    collaborative: bool = False
