"""Catalogues that a person added: statistics of many songs at hand, looked up without asking anybody."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from cratewise.library.database import Database
from cratewise.library.identity import parts
from cratewise.library.knowledge import CATALOGUE, write_public
from cratewise.library.tables import CatalogueRow, SongRow, TrackRow
from cratewise.releases import Release, release_name, same_songs
from cratewise.tracks import AudioStatistics, Track, plain

_BATCH = 5_000


class CatalogueStore:
    """Reads and writes catalogues."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> Mapping[str, int]:
        """How many songs each catalogue has, by its name."""
        query = select(CatalogueRow.catalogue, func.count()).group_by(CatalogueRow.catalogue)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query.order_by(CatalogueRow.catalogue))}

    def write(self, name: str, tracks: Iterable[Track]) -> int:
        """Keeps the songs that have statistics as a catalogue, in place of the one of that name; all or nothing.

        Returns:
            How many songs it has.
        """
        rows = {track.track_id: _row(name, track) for track in tracks if track.statistics is not None}
        with self._database.writing_public() as connection:
            connection.execute(delete(CatalogueRow).where(CatalogueRow.catalogue == name))
            values = list(rows.values())
            for start in range(0, len(values), _BATCH):
                connection.execute(insert(CatalogueRow), values[start : start + _BATCH])
        return len(rows)

    def remove(self, name: str) -> int:
        """Forgets a catalogue; what was taken from it stays known. Gives how many songs it had."""
        with self._database.writing_public() as connection:
            return connection.execute(delete(CatalogueRow).where(CatalogueRow.catalogue == name)).rowcount

    def look_up(self, account_id: str, at: datetime) -> int:
        """Takes the statistics of an account's liked songs that have none from the catalogues.

        A song is found by its id, else by its artists and title with a length within 2 s.

        Returns:
            How many songs were found.
        """
        n_found = 0
        with self._database.writing_public() as connection:
            for part in parts(_without_statistics(connection, account_id)):
                found = _found(connection, part)
                write_public(connection, CATALOGUE, found, at)
                n_found += len(found)
        return n_found


def _row(name: str, track: Track) -> dict[str, Any]:
    return {
        "catalogue": name,
        "track_id": track.track_id,
        "release_name": release_name(track.artists, track.title),
        "duration_ms": track.duration_ms,
        "popularity": track.popularity,
        "statistics": plain(track.statistics) if track.statistics else None,
    }


def _without_statistics(connection: Connection, account_id: str) -> Sequence[Any]:
    columns = (TrackRow.track_id, TrackRow.release_name, TrackRow.duration_ms)
    query = select(*columns).join(SongRow, SongRow.track_id == TrackRow.track_id)
    of_account = (TrackRow.account_id == account_id, SongRow.account_id == account_id)
    return connection.execute(query.where(*of_account, TrackRow.statistics.is_(None))).all()


def _found(connection: Connection, songs: Iterable[Row[Any]]) -> dict[str, AudioStatistics]:
    asked = {song.track_id: song for song in songs}
    table = CatalogueRow.__table__
    by_id = table.c.track_id.in_(asked)
    by_name = table.c.release_name.in_({song.release_name for song in asked.values() if song.release_name})
    entries = connection.execute(select(table).where(by_id | by_name).order_by(table.c.track_id)).all()
    same_name: dict[str, list[Row[Any]]] = {}
    for entry in entries:
        same_name.setdefault(entry.release_name, []).append(entry)
    exact = {entry.track_id: entry for entry in entries}
    found = {}
    for track_id, song in asked.items():
        namesakes = same_name.get(song.release_name, ()) if song.release_name else ()
        same = exact.get(track_id) or next((entry for entry in namesakes if _are_same(song, entry)), None)
        if same is not None:
            found[track_id] = AudioStatistics(**same.statistics)
    return found


def _are_same(song: Row[Any], entry: Row[Any]) -> bool:
    pair = [Release("", song.release_name, one.duration_ms) for one in (song, entry)]
    return len(same_songs(pair)) == 1
