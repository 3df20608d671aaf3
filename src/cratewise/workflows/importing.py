"""Files into the library: what this program exported, and any CSV file of songs."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cratewise.csvrows import read_csv
from cratewise.errors import DataFileError, GenresError, LibraryError
from cratewise.exports.files import read_file, read_table, reads
from cratewise.exports.record import LibraryRecord, contents_of
from cratewise.library.accounts import KnownAccount
from cratewise.library.contents import Contents, KnownTrack, StatisticsAnswer, TagsAnswer
from cratewise.library.knowledge import OF_TRACK
from cratewise.library.merging import merged, only
from cratewise.library.songs import SavedSong, address_of
from cratewise.progress import Progress, silent, told
from cratewise.sources.exportify import is_episode
from cratewise.sources.trackfile import TrackFile, tracks_in
from cratewise.trackcolumns import TrackRow
from cratewise.tracks import LONGEST_KEY, Track, normalised, printable
from cratewise.workflows.adoption import is_of_files, new_file_account
from cratewise.workflows.genrechanges import check_name, recounted
from cratewise.workflows.services import Services, working_alone

_NAME = "Songs from files"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What importing a file came to.

    Attributes:
        kind: What sort of file it is, in words.
        found: Liked releases in it.
        account_name: Whose library it went into.
        takes_songs: Whether its songs became those of the library; else it only said more of those that were there.
        added: Releases that are new in the library.
        removed: Releases of the library that are not in the file, and not liked any more.
        known: Releases of the file that the library has, where it took no songs.
        corrections: Words of the person that are new in the library.
        notes: What was left out or is missing, each as a sentence.
    """

    kind: str
    found: int
    account_name: str
    takes_songs: bool
    added: int
    removed: int
    known: int
    corrections: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Given:
    """What a file says.

    Attributes:
        contents: The library in it.
        kind: What sort of file it is, in words.
        name: Whose library it is, empty when it does not say.
        file: The file's name.
        notes: What was left out or is missing, each as a sentence.
    """

    contents: Contents
    kind: str
    name: str = ""
    file: str = ""
    notes: tuple[str, ...] = ()


def import_file(app: Services, path: Path, progress: Progress = silent, *, replace_songs: bool = False) -> ImportResult:
    """Takes a file into the library, as a whole or not at all; importing the same again changes nothing.

    Where the library was read from Spotify, the file adds no songs: it says more of those that are there. Else its
    songs become those of the library.

    Args:
        app: What to work with.
        path: An export of this program, or a CSV file of songs.
        progress: Is told how far it is, several times a second; what it raises ends the import, and nothing is kept.
        replace_songs: Whether songs of the library that are not in the file are not liked any more.

    Raises:
        DataFileError: The file cannot be read, or the data folder not be written; the message says where.
        GenresError: It names a genre that this version does not have.
        LibraryError: Songs were to be replaced where Spotify says which are liked; or the only account that there may
            be was not read yet.
        InUseError: Another process works with the library.
    """
    with working_alone(app):
        known = app.library.accounts.latest()
        takes_songs = known is None or is_of_files(known)
        if replace_songs and not takes_songs:
            hint = "Import without it: the file then says more of the songs that are there."
            raise LibraryError("Spotify says which songs you like, not a file.", hint=hint)
        given = _read(app, path, progress)
        given = replace(
            given, contents=_printable(given.contents, progress), name=printable(given.name), file=path.name
        )
        if known is None or takes_songs:
            account_id, name = (known.account_id, known.name) if known else (new_file_account(app), given.name or _NAME)
            known = KnownAccount(account_id, name, liked_total=-1, synced_at=app.now())
        with app.library.as_one(writing=True):  # what is said meanwhile comes after, and stays
            result = _take_in(app, known, given, progress, takes_songs=takes_songs, replace_songs=replace_songs)
            app.library.accounts.work_with(known.account_id)
        return result


def _take_in(
    app: Services,
    account: KnownAccount,
    given: _Given,
    progress: Progress,
    *,
    takes_songs: bool,
    replace_songs: bool,
) -> ImportResult:
    own = app.library.contents.read(account.account_id, progress)
    contents, taken = _with_free_names(app, own, _checked(app, given, account.name))
    together = merged(own, contents, progress, takes_songs=takes_songs)
    if replace_songs:
        together = only(together, given.contents)
        if not _liked(together):
            hint = "Import it without --replace, or a file with the songs that you like."
            raise LibraryError("There are no songs in it, and none of yours would stay liked.", hint=hint)
    together = replace(together, genre_changes=recounted(app, together.genre_changes))
    app.library.contents.write(account, together, app.now(), progress)
    before, after, of_file = _liked(own), _liked(together), _liked(given.contents)
    return ImportResult(
        kind=given.kind,
        found=len(of_file),
        account_name=account.name,
        takes_songs=takes_songs,
        added=len(after - before),
        removed=len(before - after),
        known=len(before & of_file),
        corrections=len(together.corrections) - len(own.corrections),
        notes=(*given.notes, *taken, *([] if takes_songs else _unmatched(given.contents, before))),
    )


def _unmatched(contents: Contents, liked: set[str]) -> list[str]:
    """Says why songs may not have been found among those that an account likes."""
    songs = [one.song for one in contents.tracks if one.is_liked and not one.song.uri.startswith("spotify:")]
    n_unmatched = sum(1 for song in songs if song.track.track_id not in liked and not song.track.duration_ms)
    if not n_unmatched:
        return []
    has = "1 song has" if n_unmatched == 1 else f"{n_unmatched:,} songs have"
    return [f"{has} neither an id nor a length, so that nobody can tell which of yours they are."]


def _liked(contents: Contents) -> set[str]:
    return {known.song.track.track_id for known in contents.tracks if known.is_liked}


def _checked(app: Services, given: _Given, name: str) -> Contents:
    """The contents with genres that this version has.

    Raises:
        GenresError: A genre is unknown.
    """
    contents = given.contents
    genres = {one.genre: f"your word on “{one.name:.60}”" for one in contents.corrections}
    genres |= {pin.genre: "a song that you want in it or not" for pin in contents.pins}
    genres |= dict.fromkeys(contents.rules.genres if contents.rules else (), "the genres of your playlists")
    for genre, where in genres.items():
        try:
            app.taxonomy.genre(genre)
        except GenresError as error:
            raise GenresError(f"{given.file}, {where}: {error}", hint=error.hint) from error
    corrections = tuple(
        replace(one, family=app.taxonomy.family_of(one.genre).slug, said_by=one.said_by or name)
        for one in contents.corrections
    )
    return replace(contents, corrections=corrections)


def _with_free_names(app: Services, own: Contents, given: Contents) -> tuple[Contents, Sequence[str]]:
    """The contents without those names of genres that another genre has here, and a note on each."""
    changes, notes = list(own.genre_changes), []
    for change in given.genre_changes:
        try:
            check_name(app, change.genre, change.name, changes)
            changes.append(change)
        except LibraryError as error:
            notes.append(str(error))
            changes.append(replace(change, name=""))
    return replace(given, genre_changes=tuple(changes[len(own.genre_changes) :])), notes


def _printable(contents: Contents, progress: Progress) -> Contents:
    """The contents with names that a terminal can show: a file may come from anybody."""
    return replace(
        contents,
        tracks=tuple(
            known if (song := _printable_song(known.song)) is known.song else replace(known, song=song)
            for known in told(contents.tracks, progress, "Looking at the names", len(contents.tracks))
        ),
        corrections=tuple(
            replace(one, name=printable(one.name), said_by=printable(one.said_by)) for one in contents.corrections
        ),
        genre_changes=tuple(replace(one, name=printable(one.name)) for one in contents.genre_changes),
    )


def _printable_song(song: SavedSong) -> SavedSong:
    track = song.track
    if "".join((track.title, *track.artists, track.album)).isprintable():
        return song
    artists = tuple(map(printable, track.artists))
    track = replace(track, title=printable(track.title), artists=artists, album=printable(track.album))
    return replace(song, track=track)


def _read(app: Services, path: Path, progress: Progress) -> _Given:
    """Reads a file of any kind that is known.

    Raises:
        DataFileError: It cannot be read; the message says where.
    """
    if reads(path):
        return _of_record(read_file(path, progress), app.now(), progress)
    rows = read_csv(path, progress)
    record = read_table(rows, progress)
    if record is not None:
        return _of_record(record, _written_at(path, app.now()), progress)
    file = tracks_in(rows, progress)
    del rows  # half the memory that this takes
    given = _of_tracks(file, _written_at(path, app.now()), progress)
    if not given.contents.tracks:
        raise DataFileError(f"{path.name}: there are no songs in it, only {_only(file)}.", hint="Export them again.")
    return given


def _of_record(record: LibraryRecord, at: datetime, progress: Progress) -> _Given:
    name = record.background.account if record.background else ""
    return _Given(contents_of(record, at, progress), "a library that cratewise exported", name)


def _only(file: TrackFile) -> str:
    """What a file without songs holds."""
    if not file.rows:
        return "the columns' names"
    is_of_podcasts = any(is_episode(track.track_id) for track in file.tracks)
    return "episodes of podcasts" if is_of_podcasts else "lines without a title, an artist or an id"


def _of_tracks(file: TrackFile, at: datetime, progress: Progress) -> _Given:
    """The songs of a CSV file; those that say no other time were liked one after the other, the first one last."""
    songs: dict[str, KnownTrack] = {}
    statistics, tags = [], []
    left: Counter[str] = Counter()
    for row in told(file.rows, progress, "Taking its songs", len(file.rows)):
        if why := _no_song(row):
            left[why] += 1
            continue
        song = _song(row, at - timedelta(milliseconds=len(songs) + left["twice"]))
        track = song.track
        if track.track_id in songs:
            left["twice"] += 1
            continue
        songs[track.track_id] = KnownTrack(song, is_dated=row.liked_at is not None)
        if track.statistics is not None or track.popularity is not None:
            statistics.append(StatisticsAnswer(track.track_id, file.source, at, track.statistics, track.popularity))
        if track.artist_tags:
            tags.append(TagsAnswer(OF_TRACK + track.track_id, file.source, at, dict.fromkeys(track.artist_tags, 1.0)))
    notes = list(file.notes)
    if doubles := left["twice"]:
        notes.append(f"{_lines(doubles, 'repeats', 'repeat')} a song that stands above.")
    if nameless := left["nameless"]:
        notes.append(f"{_lines(nameless, 'names no song and was', 'name no song and were')} left out.")
    if episodes := left["episode"]:
        of_podcasts = _lines(episodes, "is an episode of a podcast and was", "are episodes of podcasts and were")
        notes.append(f"{of_podcasts} left out.")
    contents = Contents(tuple(songs.values()), tuple(statistics), tuple(tags))
    return _Given(contents, file.kind, notes=tuple(notes))


def _no_song(row: TrackRow) -> str:
    """Why a row is no song; empty where it is one."""
    if not (row.track.title or row.track.artists or row.has_id):
        return "nameless"
    return "episode" if is_episode(row.track.track_id) else ""


def _lines(number: int, one: str, more: str) -> str:
    return f"1 line {one}" if number == 1 else f"{number:,} lines {more}"


def _song(row: TrackRow, at: datetime) -> SavedSong:
    track_id = row.track.track_id
    is_of_spotify = row.has_id and (track_id.startswith("spotify:") or address_of(track_id).startswith("spotify:"))
    if not is_of_spotify or len(track_id.encode()) > LONGEST_KEY:
        track_id = _name_id(row.track)
    elif ":" in track_id:
        return SavedSong(row.track, track_id, row.liked_at or at, artist_ids=row.artist_ids)
    return SavedSong(
        replace(row.track, track_id=track_id), address_of(track_id), row.liked_at or at, artist_ids=row.artist_ids
    )


def _name_id(track: Track) -> str:
    """An id for a song whose file gives none of Spotify's: the same for the same names, whatever the file.

    A number that a file gives its rows would be another song's in the next file; it only tells apart what has no name.
    """
    if not track.title and not track.artists:
        return "named-" + hashlib.blake2b(track.track_id.encode(), digest_size=8).hexdigest()
    names = "\n".join([*map(normalised, track.artists), "", normalised(track.title), normalised(track.album)])
    return "named-" + hashlib.blake2b(names.encode(), digest_size=8).hexdigest()


def _written_at(path: Path, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return now
