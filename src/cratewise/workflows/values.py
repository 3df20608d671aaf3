"""What the workflows give back: plain values that the command line prints and the web pages show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cratewise.workflows.sound import Sound


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What reading the account found.

    Attributes:
        account_name: The account's display name.
        songs: Liked songs now known.
        added: Of those, new since the last time.
        removed: Songs that are no longer liked.
        left_aside: Liked entries that are no songs on Spotify (local files, episodes).
        missing: Entries that Spotify counts and did not give this time; songs they may be stay liked.
    """

    account_name: str
    songs: int
    added: int
    removed: int
    left_aside: int
    missing: int = 0


@dataclass(frozen=True, slots=True)
class GenreCount:
    """How many songs a genre has.

    Attributes:
        slug: The genre's slug.
        name: Its display name.
        songs: Number of songs, without the unsure ones; of a family it includes the songs of its styles.
    """

    slug: str
    name: str
    songs: int


@dataclass(frozen=True, slots=True)
class ClassifyResult:
    """What sorting the liked songs into genres came to.

    Attributes:
        songs: Liked songs.
        classified: Of those, classified just now (the others were already).
        unsure: Liked songs the classifier is not sure enough of.
        genres: Families with at least one song, most songs first.
    """

    songs: int
    classified: int
    unsure: int
    genres: tuple[GenreCount, ...]


@dataclass(frozen=True, slots=True)
class FamilyOverview:
    """One family of genres in the library.

    Attributes:
        slug: The family's slug.
        name: Its display name.
        colour: Its colour as "#rrggbb".
        songs: Songs in it, without the unsure ones.
        styles: Its styles with at least one song, most songs first.
        example_artists: Up to four artists with the most songs in it.
        sound: What they sound like together, `None` where no statistics of any are known.
    """

    slug: str
    name: str
    colour: str
    songs: int
    styles: tuple[GenreCount, ...]
    example_artists: tuple[str, ...]
    sound: Sound | None


@dataclass(frozen=True, slots=True)
class LibraryOverview:
    """The library at a glance.

    Attributes:
        account_name: The account's display name, empty before the first sync.
        synced_at: When the account was last read (UTC), `None` before the first sync.
        songs: Liked songs.
        unclassified: Of those, not classified yet.
        unsure: Of those, classified without being sure enough.
        families: Families with at least one song, most songs first.
    """

    account_name: str
    synced_at: datetime | None
    songs: int
    unclassified: int
    unsure: int
    families: tuple[FamilyOverview, ...]


@dataclass(frozen=True, slots=True)
class SongRow:
    """One liked song with its genre, as a table shows it.

    Attributes:
        track_id: Spotify's id.
        uri: Spotify's URI.
        title: Title.
        artists: Names in the order of the billing.
        album: Album title, empty when unknown.
        cover_url: Address of a small cover, empty when there is none.
        added_at: When it was liked (UTC).
        is_available: Whether Spotify still plays it.
        genre: Slug of its genre, empty when it is not classified yet.
        genre_name: Display name of the genre, empty likewise.
        family: Slug of the family, empty likewise.
        confidence: How sure the classifier is, 0 to 1.
        is_unsure: Whether that is less than the least confidence in the settings.
        is_unknown: Whether the genre is not even a guess.
        reason: The classifier's one sentence.
        n_releases: How many ids of it are liked.
        said_by: Who the genre comes from: "model", or a person's word on the "song", "album" or "artist"; empty when
            it has none yet.
    """

    track_id: str
    uri: str
    title: str
    artists: tuple[str, ...]
    album: str
    cover_url: str
    added_at: datetime
    is_available: bool
    genre: str
    genre_name: str
    family: str
    confidence: float
    is_unsure: bool
    is_unknown: bool
    reason: str
    n_releases: int = 1
    said_by: str = ""


@dataclass(frozen=True, slots=True)
class AppliedPlaylist:
    """A playlist as it stands after a plan was applied.

    Attributes:
        name: Its name.
        genre: Slug of its genre.
        genre_name: Display name of the genre.
        songs: Entries it has now.
        url: Address of its page, empty when unknown.
        change: "created", "changed", "unchanged", or "skipped" when somebody changed it after the plan was made.
        added: Songs put in.
        removed: Songs taken out.
    """

    name: str
    genre: str
    genre_name: str
    songs: int
    url: str
    change: Literal["created", "changed", "unchanged", "skipped"]
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """What applying a plan did.

    Attributes:
        run_id: Number of the run in the history, `None` when there was nothing to write.
        created: Playlists created.
        changed: Playlists changed.
        skipped: Playlists left as they are because somebody changed them after the plan was made.
        added: Songs put in, all together.
        removed: Songs taken out, all together.
        playlists: Every playlist this program looks after, those just written first.
    """

    run_id: int | None
    created: int
    changed: int
    skipped: int
    added: int
    removed: int
    playlists: tuple[AppliedPlaylist, ...]


@dataclass(frozen=True, slots=True)
class UndoResult:
    """What taking a run back did.

    Attributes:
        run_id: Number of the run.
        deleted: Names of the playlists that the run had created and that are gone now.
        restored: Names of the playlists that are as they were before the run.
        kept: What was kept because a person changed it since, one sentence each.
    """

    run_id: int
    deleted: tuple[str, ...]
    restored: tuple[str, ...]
    kept: tuple[str, ...]
