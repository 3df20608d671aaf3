"""What an exported library says, in the shape in which every format writes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cratewise.library.contents import Contents, KnownTrack, StatisticsAnswer, TagsAnswer
from cratewise.library.corrections import Correction, GenreChange, Pin
from cratewise.library.identity import album_key
from cratewise.library.knowledge import OF_TRACK
from cratewise.library.songs import SavedSong, address_of
from cratewise.playlists.rules import Rules
from cratewise.progress import Progress, silent, told
from cratewise.tracks import AudioStatistics, Track, name_key

FORMAT = 1
"""Version of the shape; a file of a newer one is refused."""

SOURCE = "cratewise"
"""Where statistics and tags come from that a file of this program gives without saying whose they are."""


@dataclass(frozen=True, slots=True)
class SongRecord:
    """A liked release with everything that is shown of it.

    Attributes:
        track_id: Spotify's id, or another that is unique in the library.
        uri: Spotify's URI, empty when it has none.
        title: Title.
        artists: Names in the order of the billing.
        artist_ids: Spotify's ids of the artists, or none.
        album: Album title.
        release_year: Year of release.
        duration_ms: Length in milliseconds.
        explicit: Whether Spotify marks it explicit.
        isrc: Recording code.
        liked_at: When it was liked (UTC).
        is_available: Whether Spotify still plays it.
        cover_url: Address of a small cover.
        song_id: The same for all releases of one song.
        genre: What its genre is called.
        family: What the family of its genre is called.
        genre_slug: The genre, as this program names it.
        family_slug: The family, likewise.
        confidence: How sure the family is, 0 to 1.
        runner_up: What the next family is called.
        reason: One sentence on what decided it.
        genre_from: Who said the genre: "model", or the person of the "song", "album" or "artist"; empty for nobody yet.
        said_at: When the person said it (UTC), `None` where the model did.
        popularity: Spotify's popularity, 0 to 100.
        statistics: Audio statistics.
        statistics_from: Sources of at least one of them.
        artist_tags: What sources call its artists.
        tags_from: These sources.
    """

    track_id: str
    title: str = ""
    artists: tuple[str, ...] = ()
    album: str = ""
    genre: str = ""
    family: str = ""
    confidence: float = 0.0
    genre_from: str = ""
    said_at: datetime | None = None
    runner_up: str = ""
    reason: str = ""
    genre_slug: str = ""
    family_slug: str = ""
    liked_at: datetime | None = None
    is_available: bool = True
    release_year: int | None = None
    duration_ms: int | None = None
    explicit: bool | None = None
    isrc: str = ""
    uri: str = ""
    artist_ids: tuple[str, ...] = ()
    cover_url: str = ""
    song_id: str = ""
    popularity: int | None = None
    statistics: AudioStatistics | None = None
    statistics_from: tuple[str, ...] = ()
    artist_tags: tuple[str, ...] = ()
    tags_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Background:
    """What belongs to a whole library, and cannot be shown song by song.

    Attributes:
        account: Name of the account.
        exported_at: When it was written (UTC).
        model_version: The network that spoke of the songs, empty when none did.
        unliked: Releases that were liked once: what was said of them counts again when they are liked again.
        statistics: What each source said.
        tags: What each source called the artists.
        corrections: What the person said of genres.
        genre_changes: What the person made of genres.
        pins: Where the person wants songs.
        rules: The rules of the playlists, `None` where none were saved.
        rules_changed_at: When they were saved (UTC), `None` where that is not known.
    """

    account: str = ""
    exported_at: datetime | None = None
    model_version: str = ""
    unliked: tuple[SongRecord, ...] = ()
    statistics: tuple[StatisticsAnswer, ...] = ()
    tags: tuple[TagsAnswer, ...] = ()
    corrections: tuple[Correction, ...] = ()
    genre_changes: tuple[GenreChange, ...] = ()
    pins: tuple[Pin, ...] = ()
    rules: Rules | None = None
    rules_changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LibraryRecord:
    """An exported library, or a part of one.

    Attributes:
        songs: The liked releases, newest liked first.
        background: The rest of a whole library; `None` in a part of one, and in formats that only hold songs.
        name: What it is called, as the name of a playlist.
    """

    songs: tuple[SongRecord, ...] = ()
    background: Background | None = None
    name: str = field(default="")


def contents_of(record: LibraryRecord, at: datetime, progress: Progress = silent) -> Contents:
    """What a record tells a library.

    Without its background the statistics and tags of the songs are what this program's file says, and each genre that
    a person gave is a correction.

    Args:
        record: What was exported.
        at: The time (UTC), where the record says no other.
        progress: Is told of its songs.
    """
    songs = record.songs
    background = record.background
    unliked = background.unliked if background else ()
    uris = _addresses((*record.songs, *unliked))
    liked = tuple(
        KnownTrack(_saved(song, uris, at), is_dated=song.liked_at is not None)
        for song in told(songs, progress, "Looking at the songs", len(songs))
    )
    if background is None:
        return Contents(
            tracks=liked,
            statistics=tuple(_answer(song, at) for song in record.songs if song.statistics or song.popularity),
            tags=tuple(_tags(song, at) for song in record.songs if song.artist_tags),
            corrections=_corrections(record.songs, at),
        )
    return Contents(
        tracks=liked + tuple(KnownTrack(_saved(song, uris, at), is_liked=False) for song in unliked),
        statistics=background.statistics,
        tags=background.tags,
        corrections=background.corrections,
        genre_changes=background.genre_changes,
        pins=background.pins,
        rules=background.rules,
        rules_changed_at=background.rules_changed_at,
    )


def _addresses(songs: Iterable[SongRecord]) -> Mapping[str, str]:
    """An address for each id, none of them twice: playlists tell songs apart by it."""
    owners: dict[str, str] = {}
    for song in songs:
        uri = song.uri or address_of(song.track_id)
        if owners.setdefault(uri, song.track_id) != song.track_id:
            owners[f"cratewise:track:{song.track_id}"] = song.track_id
    return {track_id: uri for uri, track_id in owners.items()}


def _corrections(songs: Iterable[SongRecord], at: datetime) -> tuple[Correction, ...]:
    """What a person said of the songs; once, where it stands at several releases of a song."""
    said = ((song.song_id or song.track_id, _correction(song, at)) for song in songs if _is_said(song))
    return tuple({(one.kind, song_id if one.kind == "song" else one.key): one for song_id, one in said}.values())


def _saved(song: SongRecord, uris: Mapping[str, str], at: datetime) -> SavedSong:
    track = Track(
        track_id=song.track_id,
        title=song.title,
        artists=song.artists,
        album=song.album,
        duration_ms=song.duration_ms,
        explicit=song.explicit,
        release_year=song.release_year,
        isrc=song.isrc,
    )
    uri = uris[song.track_id]
    return SavedSong(track, uri, song.liked_at or at, song.is_available, song.cover_url, song.artist_ids)


def _answer(song: SongRecord, at: datetime) -> StatisticsAnswer:
    return StatisticsAnswer(song.track_id, SOURCE, at, song.statistics, song.popularity)


def _tags(song: SongRecord, at: datetime) -> TagsAnswer:
    return TagsAnswer(OF_TRACK + song.track_id, SOURCE, at, dict.fromkeys(song.artist_tags, 1.0))


def _is_said(song: SongRecord) -> bool:
    return song.genre_from in ("song", "album", "artist") and bool(song.genre_slug)


def _correction(song: SongRecord, at: datetime) -> Correction:
    first = song.artists[0] if song.artists else ""
    said: dict[str, Any] = {
        "genre": song.genre_slug,
        "family": song.family_slug,
        "said_by": "",
        "said_at": song.said_at or at,
    }
    match song.genre_from:
        case "album":
            return Correction("album", album_key(first, song.album), f"{song.album} by {first}", **said)
        case "artist":
            return Correction("artist", name_key(first), first, **said)
    return Correction("song", song.track_id, f"{', '.join(song.artists)}: {song.title}", **said)
