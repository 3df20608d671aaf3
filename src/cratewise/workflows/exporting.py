"""The library out into files: all of it, or the songs of each playlist as a file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cratewise.exports.files import write_file, write_folder
from cratewise.exports.record import Background, LibraryRecord, SongRecord
from cratewise.library.contents import Contents, KnownTrack, StatisticsAnswer
from cratewise.library.genres import SortedSong
from cratewise.library.identity import album_key
from cratewise.library.knowledge import givers, subjects_of
from cratewise.library.songs import SavedSong
from cratewise.tracks import name_key, plain
from cratewise.workflows.names import genre_names
from cratewise.workflows.playlists import fresh_plan
from cratewise.workflows.rules import current_rules
from cratewise.workflows.services import Services
from cratewise.workflows.sync import current_account


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that was written.

    Attributes:
        path: Where.
        name: What the songs in it are called together.
        songs: How many songs it holds.
    """

    path: Path
    name: str
    songs: int


def export_library(app: Services, path: Path, *, replace: bool = False) -> ExportedFile:
    """Writes the whole library to a file, in the format of its ending.

    Raises:
        LibraryError: Nothing was synced or imported yet.
        DataFileError: The file is there already (unless it may be replaced), or cannot be written.
    """
    record = library_record(app)
    write_file(record, path, replace=replace)
    return ExportedFile(path, record.name, len(record.songs))


def export_playlists(app: Services, folder: Path, form: str, *, replace: bool = False) -> tuple[ExportedFile, ...]:
    """Writes the songs of each playlist that the rules ask for to a file of its own, as `apply` would fill them anew.

    Raises:
        LibraryError: Nothing was synced or imported yet.
        DataFileError: A file is there already (unless it may be replaced), or cannot be written.
    """
    with app.library.as_one():
        by_uri = {song.uri: song for song in library_record(app).songs}
        plan = fresh_plan(app, current_rules(app))
    records = [
        LibraryRecord(songs=tuple(by_uri[added.uri] for added in change.adds), name=change.name)
        for change in plan.changes
    ]
    paths = write_folder(records, folder, form, replace=replace)
    return tuple(
        ExportedFile(path, record.name, len(record.songs)) for path, record in zip(paths, records, strict=True)
    )


def library_record(app: Services) -> LibraryRecord:
    """The library as it is exported.

    Raises:
        LibraryError: Nothing was synced or imported yet.
    """
    with app.library.as_one():  # another process may write meanwhile
        return _record(app)


def _record(app: Services) -> LibraryRecord:
    account = current_account(app)
    contents = app.library.contents.read(account.account_id)
    background = Background(
        account=account.name,
        exported_at=app.now(),
        model_version=app.library.genres.model_version(account.account_id),
        unliked=tuple(_named(known) for known in contents.tracks if not known.is_liked),
        statistics=contents.statistics,
        tags=contents.tags,
        corrections=tuple(replace(one, correction_id=None) for one in contents.corrections),
        genre_changes=contents.genre_changes,
        pins=contents.pins,
        rules=contents.rules,
        rules_changed_at=contents.rules_changed_at,
    )
    sorted_songs = app.library.genres.releases(account.account_id, app.settings.least_confidence)
    writer = _Writer(contents, genre_names(app))
    songs = tuple(writer.song(one) for one in sorted_songs)
    return LibraryRecord(songs, background, f"{account.name}: liked songs" if account.name else "Liked songs")


class _Writer:
    """Makes records of liked releases."""

    def __init__(self, contents: Contents, names: Mapping[str, str]) -> None:
        self._names = names
        self._known = {known.song.track.track_id: known for known in contents.tracks}
        self._answers: dict[str, list[StatisticsAnswer]] = {}
        for said in contents.statistics:
            self._answers.setdefault(said.track_id, []).append(said)
        self._taggers: dict[str, list[str]] = {}
        for tags in contents.tags:
            if tags.tags:
                self._taggers.setdefault(tags.subject, []).append(tags.source)
        self._said_at = self._times(contents)

    def song(self, sorted_song: SortedSong) -> SongRecord:
        """A release as it is written."""
        song, said = sorted_song.song, sorted_song.classification
        record = _named(self._known[song.track.track_id])
        if said is None:
            return self._with_sources(record)
        return self._with_sources(
            replace(
                record,
                genre=self._names.get(said.genre, said.genre),
                family=self._names.get(said.family, said.family),
                genre_slug=said.genre,
                family_slug=said.family,
                confidence=said.confidence,
                runner_up=self._names.get(said.runner_up, said.runner_up),
                reason=said.reason,
                genre_from=sorted_song.said_by,
                said_at=self._said_at.get((sorted_song.said_by, self._key(sorted_song.said_by, record))),
            )
        )

    def _with_sources(self, record: SongRecord) -> SongRecord:
        said = {one.source: plain(one.statistics) for one in self._answers.get(record.track_id, ()) if one.statistics}
        subjects = subjects_of(record.track_id, record.artists, record.artist_ids)
        taggers = dict.fromkeys(source for subject in subjects for source in self._taggers.get(subject, ()))
        return replace(record, statistics_from=givers(said), tags_from=tuple(taggers))

    def _key(self, kind: str, record: SongRecord) -> str:
        first = record.artists[0] if record.artists else ""
        return {"album": album_key(first, record.album), "artist": name_key(first)}.get(kind, record.song_id)

    def _times(self, contents: Contents) -> Mapping[tuple[str, str], datetime]:
        """When the newest word on each song, album and artist was said."""
        found: dict[tuple[str, str], datetime] = {}
        for one in contents.corrections:
            if one.taken_back_at is None:
                known = self._known.get(one.key) if one.kind == "song" else None
                key = (one.kind, known.song_id if known else one.key)
                found[key] = max(found.get(key, one.said_at), one.said_at)
        return found


def _named(known: KnownTrack) -> SongRecord:
    song: SavedSong = known.song
    track = song.track
    return SongRecord(
        track_id=track.track_id,
        title=track.title,
        artists=track.artists,
        album=track.album,
        liked_at=song.added_at if known.is_liked else None,
        is_available=song.is_available,
        release_year=track.release_year,
        duration_ms=track.duration_ms,
        explicit=track.explicit,
        isrc=track.isrc,
        uri=song.uri,
        artist_ids=song.artist_ids,
        cover_url=song.cover_url,
        song_id=known.song_id,
        popularity=track.popularity,
        statistics=track.statistics,
        artist_tags=track.artist_tags,
    )
