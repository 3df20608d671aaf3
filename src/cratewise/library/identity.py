"""Which tracks in the store are releases of one song, kept as `song_id`: the least track id among them.

A track that was not joined with others yet is a song of its own.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Connection, bindparam, select, union_all, update

from cratewise.library.tables import TrackRow
from cratewise.releases import Release, release_name, same_songs
from cratewise.tracks import name_key, normalised

PARAMETERS = 500
"""Values in one IN (...): SQLite takes some thousands."""

_LONGEST_WORDS = 1_900
"""Bytes of the names that a song is found and ordered by; a row of PostgreSQL's index takes 2,704, artist included."""

T = TypeVar("T")
_Text = str | BindParameter[str]
_Texts = Collection[str] | BindParameter[Any]


def parts(values: Collection[T]) -> Iterator[Sequence[T]]:
    """The values in parts that fit in one statement."""
    ordered = list(values)
    for start in range(0, len(ordered), PARAMETERS):
        yield ordered[start : start + PARAMETERS]


def derived_columns(title: str, artists: Sequence[str], album: str) -> dict[str, str]:
    """The columns of a track that are derived from its names alone."""
    return {
        "release_name": release_name(artists, title),
        "artist_key": name_key(artists[0]) if artists else "",
        "album_key": album_key(artists[0], album) if artists and album else "",
        "words": _cut(normalised(" ".join([title, *artists, album]))),
    }


def album_key(artist: str, album: str) -> str:
    """The same for every spelling of an album's title and its artist."""
    return f"{name_key(artist)}\n{name_key(album)}"


def _cut(words: str) -> str:
    if len(words) <= _LONGEST_WORDS // 4:
        return words
    return words.encode()[:_LONGEST_WORDS].decode(errors="ignore")


def link(connection: Connection, account_id: str, track_ids: Collection[str]) -> set[str]:
    """Joins tracks of an account that were just written with the other releases of their songs.

    Returns:
        Every song id that was or is now theirs: the songs that have to be listed anew.
    """
    written = list(_tracks(connection, account_id, TrackRow.track_id.in_, track_ids))
    isrcs = {row.isrc for row in written if row.isrc}
    names = {row.release_name for row in written if row.release_name}
    near = {row.track_id: row for row in written}
    near |= {row.track_id: row for row in _tracks(connection, account_id, TrackRow.isrc.in_, isrcs)}
    near |= {row.track_id: row for row in _tracks(connection, account_id, TrackRow.release_name.in_, names)}
    known = {row.song_id for row in near.values()}
    near |= {row.track_id: row for row in _tracks(connection, account_id, _first, known - near.keys())}
    near |= {row.track_id: row for row in _tracks(connection, account_id, _others, known)}
    rows = list(near.values())
    here = {row.track_id for row in written}
    touched = {row.song_id for row in written}
    changed = []
    for group in same_songs([Release(row.isrc, row.release_name, row.duration_ms, row.song_id) for row in rows]):
        of_song = [rows[index] for index in group]
        song_id = min(row.track_id for row in of_song)
        before = {row.song_id for row in of_song}
        if before != {song_id}:
            touched |= before
            changed += [{"track": row.track_id, "song": song_id} for row in of_song]
        if not here.isdisjoint(row.track_id for row in of_song):
            touched.add(song_id)
    if changed:
        this = update(TrackRow).where(TrackRow.account_id == account_id, TrackRow.track_id == bindparam("track"))
        connection.execute(this.values(song_id=bindparam("song")), changed)
    return touched


def are_of(account_id: _Text, song_ids: _Texts) -> ColumnElement[bool]:
    """Whether a row of `tracks` is a release of one of these songs of an account."""
    tracks = select(TrackRow.track_id).where(TrackRow.account_id == account_id)
    of_songs = union_all(tracks.where(_first(song_ids)), tracks.where(_others(song_ids)))
    return TrackRow.track_id.in_(of_songs)


def _first(song_ids: _Texts) -> ColumnElement[bool]:
    return TrackRow.track_id.in_(song_ids) & (TrackRow.song_id == TrackRow.track_id)


def _others(song_ids: _Texts) -> ColumnElement[bool]:
    """Whether a track is a release of one of the songs beside the one that it is called by: most songs have none."""
    return TrackRow.song_id.in_(song_ids) & (TrackRow.song_id != TrackRow.track_id)


def songs_of(connection: Connection, account_id: str, track_ids: Collection[str]) -> set[str]:
    """The songs that these tracks of an account are releases of."""
    return set(song_of_each(connection, account_id, track_ids).values())


def song_of_each(connection: Connection, account_id: str, track_ids: Collection[str]) -> dict[str, str]:
    """The song that each of these tracks is a release of, as far as the account knows them."""
    return {row.track_id: row.song_id for row in _tracks(connection, account_id, TrackRow.track_id.in_, track_ids)}


def _tracks(
    connection: Connection,
    account_id: str,
    are_among: Callable[[Sequence[str]], ColumnElement[bool]],
    values: Collection[str],
) -> Iterator[Any]:
    columns = (TrackRow.track_id, TrackRow.isrc, TrackRow.release_name, TrackRow.duration_ms, TrackRow.song_id)
    for part in parts(values):
        of_account = select(*columns).where(TrackRow.account_id == account_id)
        yield from connection.execute(of_account.where(are_among(part)))
