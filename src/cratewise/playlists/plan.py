"""The exact list of changes that bring an account's playlists to what the rules ask for."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Literal

from cratewise.playlists.account import BATCH
from cratewise.playlists.cover import CoverDesign
from cratewise.playlists.rules import Rules
from cratewise.tracks import AudioStatistics

LeftOut = Literal[
    "unsure",
    "unchosen",
    "ruled out",
    "kept out",
    "too few",
    "duplicate",
    "unavailable",
    "taken out",
    "deleted",
    "full",
    "unclassified",
]
"""Why a liked song is in no playlist."""

WHY_LEFT_OUT: Mapping[LeftOut, str] = {
    "unsure": "whose genre it is not sure enough of",
    "unchosen": "of genres you did not choose",
    "ruled out": "that your rules leave out",
    "kept out": "that you keep out",
    "too few": "of genres with too few songs for a playlist",
    "duplicate": "in a playlist already, under another id",
    "unavailable": "that Spotify no longer plays",
    "taken out": "that you took out of a playlist",
    "deleted": "of playlists you deleted",
    "full": "beyond what Spotify takes in one playlist",
    "unclassified": "not sorted yet",
}
"""The reasons in the words that follow "3 songs"."""


STAYS = (
    "stays in your account as it is: nothing goes in or out any more, though its songs may be in another, too. "
    "Delete it there if you do not want it, or give its genre a playlist again to keep it current."
)
"""What becomes of a playlist whose genre gets none any more, in the words that follow its name."""
STAY = (
    "stay in your account as they are: nothing goes in or out any more, though their songs may be in others, too. "
    "Delete them there if you do not want them, or give their genres playlists again to keep them current."
)
"""The same of several."""


@dataclass(frozen=True, slots=True)
class SongRef:
    """A song in a plan, with why it is added or removed.

    Attributes:
        uri: What is sent to Spotify.
        title: Title.
        artists: Names in the order of the billing.
        reason: One short sentence: why this song goes in or out.
        is_movable: Whether the person's word can place it elsewhere: a song that is liked, and not there twice.
    """

    uri: str
    title: str
    artists: tuple[str, ...]
    reason: str
    is_movable: bool = True


@dataclass(frozen=True, slots=True)
class LikedSong:
    """A classified liked song, as far as planning needs it.

    Attributes:
        uri: Spotify's URI.
        track_id: Spotify's id.
        title: Title.
        artists: Names in the order of the billing.
        added_at: When it was liked.
        isrc: Recording code, empty when unknown.
        duration_ms: Length, `None` when unknown.
        is_available: Whether Spotify still plays it.
        genre: Slug of its genre, empty when it is not classified yet.
        family: Slug of the family of `genre`.
        confidence: How sure the classifier is, 0 to 1.
        why: The classifier's reason.
        others: Other families it may be of with the chance of each (0 to 1), the likeliest first.
        release_year: Year of release, `None` when unknown.
        explicit: Whether Spotify marks it explicit, `None` when unknown.
        statistics: Audio statistics, `None` when there are none.
        languages: Languages it may be sung in, in English and small letters; empty when nothing tells.
        pinned: Genres whose playlist the person wants it in, whatever its genre is.
        kept_out: Genres whose playlist the person does not want it in.
        is_liked: False for a song that only stands in one of the source playlists.
    """

    uri: str
    track_id: str
    title: str
    artists: tuple[str, ...]
    added_at: datetime
    isrc: str = ""
    duration_ms: int | None = None
    is_available: bool = True
    genre: str = ""
    family: str = ""
    confidence: float = 0.0
    why: str = ""
    others: tuple[tuple[str, float], ...] = ()
    release_year: int | None = None
    explicit: bool | None = None
    statistics: AudioStatistics | None = None
    languages: frozenset[str] = frozenset()
    pinned: frozenset[str] = frozenset()
    kept_out: frozenset[str] = frozenset()
    is_liked: bool = True


@dataclass(frozen=True, slots=True)
class ManagedPlaylist:
    """A playlist this program made, as it was last seen in the account.

    Attributes:
        playlist_id: Spotify's id; the only thing it is known by.
        genre: Slug of the genre it was made for.
        name: Its present name.
        ours: URIs this program put in and did not take out itself. What is in `contents` and not here, the person
            put in; what is here and not in `contents`, the person took out.
        contents: URIs of all entries in order; `None` for an entry without one.
        snapshot_id: Of the moment `contents` was seen.
        url: Address of the playlist's page, empty when unknown.
        exists: False when the person deleted it.
    """

    playlist_id: str
    genre: str
    name: str
    ours: frozenset[str]
    contents: tuple[str | None, ...]
    snapshot_id: str = ""
    url: str = ""
    exists: bool = True


@dataclass(frozen=True, slots=True)
class PlaylistChange:
    """What happens to one playlist.

    Attributes:
        kind: "create" or "update".
        genre: Slug of its genre.
        playlist_id: Spotify's id; `None` for a playlist to be created.
        name: Name it has or will get.
        description: Description a new playlist gets; empty for an update, which leaves it alone.
        public: What a new playlist is created with; `False` for an update, which leaves it alone.
        adds: Songs to put in, newest liked first.
        removes: Songs to take out.
        kept: Entries that stay as they are.
        reason: Why this playlist changes, in one sentence.
        cover: The cover of a new playlist, `None` for none.
        note: What the person should know before it is written, empty when there is nothing.
        snapshot_id: Of the contents the change was planned on; empty for a new playlist.
        before: URIs of the contents the change was planned on.
        ours_before: The `ManagedPlaylist.ours` it was planned on.
    """

    kind: Literal["create", "update"]
    genre: str
    playlist_id: str | None
    name: str
    description: str
    public: bool
    adds: tuple[SongRef, ...]
    removes: tuple[SongRef, ...]
    kept: int
    reason: str
    cover: CoverDesign | None = None
    note: str = ""
    snapshot_id: str = ""
    before: tuple[str | None, ...] = ()
    ours_before: frozenset[str] = frozenset()

    @property
    def n_writes(self) -> int:
        """The fewest calls that make the change."""
        return (
            (self.kind == "create")
            + (self.cover is not None)
            + ceil(len(self.adds) / BATCH)
            + ceil(len(self.removes) / BATCH)
        )


@dataclass(frozen=True, slots=True)
class UntouchedGenre:
    """A genre or playlist that nothing happens to, and why.

    Attributes:
        genre: Slug.
        name: The playlist's name, or the genre's where there is no playlist.
        songs: Songs the rules would put there.
        playlist_id: Spotify's id; `None` where there is no playlist.
        reason: One sentence.
    """

    genre: str
    name: str
    songs: int
    playlist_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Placement:
    """What becomes of one liked song.

    Attributes:
        uri: Spotify's URI.
        genre: Slug of its genre, empty when that is unknown or unsure. All releases of a song have the same.
        family: Slug of the family of `genre`, empty likewise.
        playlist: Slug of the genre whose playlist holds the song, in this release or another; `None` for none.
        left_out: Why this release is in no playlist; `None` when it is in `playlist`.
        is_wanted: Whether it could be put into a playlist: its genre is sure, and it is the release of the song
            that is taken.
    """

    uri: str
    genre: str
    family: str
    playlist: str | None
    left_out: LeftOut | None
    is_wanted: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that would be written, and what becomes of every liked song.

    Attributes:
        plan_id: Hash of the changes: the same changes have the same id.
        rules: The rules it was made with.
        changes: One for each playlist that is written to, in the order of the rules.
        untouched: Chosen genres and managed playlists that nothing happens to, with the reason.
        placements: One for each liked song: where it is once the plan is applied, or why it is left out.
    """

    plan_id: str
    rules: Rules
    changes: tuple[PlaylistChange, ...]
    untouched: tuple[UntouchedGenre, ...] = ()
    placements: tuple[Placement, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing would be written."""
        return not self.changes

    @property
    def added(self) -> int:
        """Songs put into playlists, all together."""
        return sum(len(change.adds) for change in self.changes)

    @property
    def removed(self) -> int:
        """Songs taken out of playlists, all together."""
        return sum(len(change.removes) for change in self.changes)

    @property
    def in_playlists(self) -> int:
        """Liked songs that are in a playlist once the plan is applied."""
        return sum(1 for placement in self.placements if placement.left_out is None)

    @property
    def left_out(self) -> Mapping[LeftOut, int]:
        """Liked songs that are in none, by the one reason for each; together with `in_playlists` that is all."""
        counts = Counter(placement.left_out for placement in self.placements)
        return {reason: counts[reason] for reason in WHY_LEFT_OUT if counts[reason]}
