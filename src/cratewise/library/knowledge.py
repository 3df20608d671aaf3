"""What is known of songs and artists, by source: kept for good, absent answers too, and settled into the tracks.

A track's popularity, statistics and tags are the best of what the sources say; they are written into `tracks`, where
the network reads them, by `settle`.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, bindparam, select, update

from cratewise.library.database import Database
from cratewise.library.identity import parts
from cratewise.library.tables import (
    ClassificationRow,
    FoundStatisticsRow,
    FoundTagsRow,
    SavedTrackRow,
    SongRow,
    TrackRow,
)
from cratewise.library.trackrows import track_from
from cratewise.library.upsert import upsert
from cratewise.tracks import AudioStatistics, Track, name_key, plain

SPOTIFY = "spotify"
CATALOGUE = "catalogue"
PRIORITY = (SPOTIFY, "cratewise", "exportify", "csv", CATALOGUE, "reccobeats")
"""Whom to believe where two give a number: Spotify, what people exported of it, then estimates; others after these."""

SETTLED = ("popularity", "statistics", "artist_tags", "fingerprint")
"""The columns of `tracks` that `settle` writes."""

TAGS_OF_A_SOURCE = 10
"""Tags taken of one artist from one source, heaviest first: behind them comes what a single person meant."""

PUBLIC = ""
"""Whom it belongs to what public sources say: nobody."""

OF_TRACK = "track:"
"""How the subject of tags begins that are of one track, and not of an artist."""

_standing = and_(
    TrackRow.account_id == SongRow.account_id,
    TrackRow.track_id == SongRow.track_id,
    TrackRow.song_id == SongRow.song_id,  # true of each, and a key: PostgreSQL compares all with all where it has none
)
_STATISTICS = tuple(field.name for field in fields(AudioStatistics))


@dataclass(frozen=True, slots=True)
class UnknownArtist:
    """An artist a source has not been asked about.

    Attributes:
        subject: What the answer is kept under.
        name: Name, as the songs write it.
        spotify_id: Spotify's id, empty when unknown.
    """

    subject: str
    name: str
    spotify_id: str


class KnowledgeStore:
    """Reads and writes what sources say."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def songs_without_statistics(self, account_id: str, source: str, asked_before: datetime) -> tuple[Track, ...]:
        """Liked songs without statistics that this source was not asked about, or not since it knew nothing of them.

        Args:
            account_id: Whose songs.
            source: Who is to be asked.
            asked_before: An answer that nothing is known counts until it is older than this.
        """
        found = FoundStatisticsRow
        asked = (
            select(found.track_id)
            .where(found.account_id.in_((PUBLIC, account_id)), found.track_id == SongRow.track_id)
            .where(found.source == source, found.found_at >= asked_before)
        )
        query = (
            select(*TrackRow.__table__.c)
            .select_from(SongRow)
            .join(TrackRow, _standing)
            .where(SongRow.account_id == account_id, TrackRow.statistics.is_(None), ~asked.exists())
            .order_by(SongRow.added_at.desc(), TrackRow.track_id)
        )
        with self._database.reading() as connection:
            return tuple(track_from(row) for row in connection.execute(query))

    def unknown_artists(self, account_id: str, source: str, asked_before: datetime) -> tuple[UnknownArtist, ...]:
        """Artists of liked songs that this source was not asked about, or not since it knew nothing; commonest first.

        Args:
            account_id: Whose songs.
            source: Who is to be asked.
            asked_before: An answer that nothing is known counts until it is older than this.
        """
        of_account = (
            select(TrackRow.artists, TrackRow.artist_ids)
            .join(SongRow, _standing)
            .where(SongRow.account_id == account_id)
        )
        said_here = FoundTagsRow.account_id.in_((PUBLIC, account_id))
        found = select(FoundTagsRow.subject, FoundTagsRow.tags, FoundTagsRow.found_at)
        counts: Counter[str] = Counter()
        artists: dict[str, UnknownArtist] = {}
        with self._database.reading() as connection:
            for row in connection.execute(of_account):
                for artist in artists_of(row.artists, row.artist_ids):
                    counts[artist.subject] += 1
                    artists.setdefault(artist.subject, artist)
            known = {
                row.subject
                for row in connection.execute(found.where(said_here, FoundTagsRow.source == source))
                if row.tags or row.found_at >= asked_before
            }
        commonest_first = sorted(counts.keys() - known, key=lambda subject: (-counts[subject], subject))
        return tuple(artists[subject] for subject in commonest_first)

    def write_statistics(self, source: str, found: Mapping[str, AudioStatistics | None], at: datetime) -> None:
        """Keeps what a public source said of songs, by track id; `None` where it knows nothing."""
        with self._database.writing_public() as connection:
            write_public(connection, source, found, at)

    def write_tags(self, source: str, found: Mapping[str, Mapping[str, float]], at: datetime) -> None:
        """Keeps what a public source called artists, by subject: each tag with its weight, none if it knows nothing."""
        rows = [
            {"account_id": PUBLIC, "subject": subject, "source": source, "tags": dict(tags), "found_at": at}
            for subject, tags in found.items()
        ]
        with self._database.writing_public() as connection:
            upsert(connection, FoundTagsRow, rows)

    def settle(self, account_id: str) -> int:
        """Writes what is known now into the tracks an account likes.

        Returns:
            How many tracks are known otherwise than before.
        """
        with self._database.writing() as connection:
            liked = select(SavedTrackRow.track_id).where(SavedTrackRow.account_id == account_id)
            return settle(connection, account_id, connection.execute(liked).scalars().all())

    def origins(self, account_id: str) -> Mapping[str, Mapping[str, int]]:
        """How many liked songs have statistics, and tags, from each source; "" stands for those that have none."""
        counts: dict[str, dict[str, int]] = {"statistics": defaultdict(int), "tags": defaultdict(int)}
        # only the columns that say under what answers are kept: the others take as long again to read
        columns = [TrackRow.__table__.c[name] for name in ("track_id", "artists", "artist_ids")]
        query = select(*columns).select_from(SongRow).join(TrackRow, _standing).where(SongRow.account_id == account_id)
        with self._database.reading() as connection:
            for part in parts(connection.execute(query).all()):
                found = _Found.of(connection, account_id, part)
                for row in part:
                    for source in found.sources_of_statistics(row) or ("",):
                        counts["statistics"][source] += 1
                    for source in found.sources_of_tags(row) or ("",):
                        counts["tags"][source] += 1
        return counts


def artists_of(names: Sequence[str], spotify_ids: Sequence[str]) -> list[UnknownArtist]:
    """The artists of a track, each with the subject under which answers about it are kept."""
    ids = spotify_ids if len(spotify_ids) == len(names) else [""] * len(names)
    return [
        UnknownArtist(f"artist:{spotify_id}" if spotify_id else f"name:{name_key(name)}", name, spotify_id)
        for name, spotify_id in zip(names, ids, strict=True)
    ]


def write_public(
    connection: Connection, source: str, found: Mapping[str, AudioStatistics | None], at: datetime
) -> None:
    """Keeps what a source that anybody may ask said of songs, by track id; `None` where it knows nothing."""
    rows = [_statistics_row(PUBLIC, track_id, source, at, said, None) for track_id, said in found.items()]
    upsert(connection, FoundStatisticsRow, rows)


def write_own(connection: Connection, account_id: str, tracks: Iterable[Track], source: str, at: datetime) -> None:
    """Keeps what tracks themselves bring: popularity, statistics, and tags of their artists."""
    statistics, tags = [], []
    for track in tracks:
        known = None if track.statistics is None or track.statistics.is_empty else track.statistics
        if known is not None or track.popularity is not None:
            statistics.append(_statistics_row(account_id, track.track_id, source, at, known, track.popularity))
        if track.artist_tags:
            subject = f"{OF_TRACK}{track.track_id}"
            said = dict.fromkeys(track.artist_tags, 1.0)
            tags.append({"account_id": account_id, "subject": subject, "source": source, "tags": said, "found_at": at})
    upsert(connection, FoundStatisticsRow, statistics)
    upsert(connection, FoundTagsRow, tags)


def settle(connection: Connection, account_id: str, track_ids: Collection[str]) -> int:
    """Writes the best of what is known of tracks into them; a model has to see those again that were known otherwise.

    Returns:
        How many are known otherwise than before.
    """
    tracks: Table = TrackRow.__table__  # type: ignore[assignment]
    of_account = tracks.c.account_id == account_id
    this = tracks.update().where(of_account, tracks.c.track_id == bindparam("this"))
    said = ClassificationRow
    n_changed = 0
    for part in parts(track_ids):
        rows = connection.execute(select(tracks).where(of_account, tracks.c.track_id.in_(part))).all()
        found = _Found.of(connection, account_id, rows)
        changed, otherwise = [], []
        for row in rows:
            known = found.track(row)
            fingerprint = _fingerprint(known)
            if fingerprint != row.fingerprint:
                statistics = plain(known.statistics) if known.statistics else None
                values = (known.popularity, statistics, list(known.artist_tags), fingerprint)
                changed.append({"this": row.track_id, **dict(zip(SETTLED, values, strict=True))})
                otherwise += [row.track_id] if row.fingerprint else []
        if changed:
            connection.execute(this.values({name: bindparam(name) for name in SETTLED}), changed)
        if otherwise:
            of_tracks = and_(said.account_id == account_id, said.track_id.in_(otherwise))
            connection.execute(update(said).where(of_tracks).values(is_current=False))
        n_changed += len(changed)
    return n_changed


class _Found:
    """Everything that is known of some tracks."""

    def __init__(self) -> None:
        self._statistics: dict[str, list[Row[Any]]] = defaultdict(list)
        self._tags: dict[str, list[Row[Any]]] = defaultdict(list)
        self._subjects: dict[str, tuple[str, ...]] = {}

    @classmethod
    def of(cls, connection: Connection, account_id: str, rows: Sequence[Row[Any]]) -> "_Found":
        """Reads what the sources say of these rows of `tracks`."""
        found = cls()
        statistics, tags = FoundStatisticsRow.__table__, FoundTagsRow.__table__
        for track_ids in parts({row.track_id for row in rows}):
            here = and_(statistics.c.account_id.in_((PUBLIC, account_id)), statistics.c.track_id.in_(track_ids))
            for said in connection.execute(select(statistics).where(here)):
                found._statistics[said.track_id].append(said)
        found._subjects = {row.track_id: subjects_of(row.track_id, row.artists, row.artist_ids) for row in rows}
        for subjects in parts({subject for of_track in found._subjects.values() for subject in of_track}):
            here = and_(tags.c.account_id.in_((PUBLIC, account_id)), tags.c.subject.in_(subjects))
            for said in connection.execute(select(tags).where(here)):
                found._tags[said.subject].append(said)
        for answers in (*found._statistics.values(), *found._tags.values()):
            answers.sort(key=lambda said: _rank(said.source))
        return found

    def track(self, row: Row[Any]) -> Track:
        """The track in a row of `tracks` with the best of what is known of it."""
        said = self._statistics[row.track_id]
        values = {
            name: next((one.statistics[name] for one in said if (one.statistics or {}).get(name) is not None), None)
            for name in _STATISTICS
        }
        statistics = AudioStatistics(**values)
        return replace(
            track_from(row),
            popularity=next((one.popularity for one in said if one.popularity is not None), None),
            statistics=None if statistics.is_empty else statistics,
            artist_tags=self._tags_of(row),
        )

    def sources_of_statistics(self, row: Row[Any]) -> tuple[str, ...]:
        """Who gave at least one of the numbers that count."""
        return givers({said.source: said.statistics or {} for said in self._statistics.get(row.track_id, ())})

    def sources_of_tags(self, row: Row[Any]) -> tuple[str, ...]:
        """Who gave tags."""
        return tuple(
            {
                said.source: None
                for subject in self._subjects[row.track_id]
                for said in self._tags.get(subject, ())
                if said.tags
            }
        )

    def _tags_of(self, row: Row[Any]) -> tuple[str, ...]:
        tags: dict[str, str] = {}
        for subject in self._subjects[row.track_id]:
            for said in self._tags[subject]:
                heaviest = sorted(said.tags.items(), key=lambda one: -one[1])
                for tag, _ in heaviest if subject.startswith(OF_TRACK) else heaviest[:TAGS_OF_A_SOURCE]:
                    tags.setdefault(tag.casefold(), tag)
        return tuple(tags.values())


def givers(said: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """The sources, of those that said statistics of a track, whose word counts for at least one number."""
    if not said:
        return ()
    ranked = sorted(said, key=_rank)
    first = (next((one for one in ranked if said[one].get(name) is not None), None) for name in _STATISTICS)
    return tuple(dict.fromkeys(one for one in first if one is not None))


def subjects_of(track_id: str, artists: Sequence[str], artist_ids: Sequence[str]) -> tuple[str, ...]:
    """What tags of a track and its artists are kept under."""
    return (f"{OF_TRACK}{track_id}", *(artist.subject for artist in artists_of(artists, artist_ids)))


def _rank(source: str) -> tuple[int, str]:
    return (PRIORITY.index(source) if source in PRIORITY else len(PRIORITY), source)


def _statistics_row(
    owner: str, track_id: str, source: str, at: datetime, statistics: AudioStatistics | None, popularity: int | None
) -> dict[str, Any]:
    row = {"account_id": owner, "track_id": track_id, "source": source, "found_at": at}
    return row | {"statistics": None if statistics is None else plain(statistics), "popularity": popularity}


def _fingerprint(track: Track) -> str:
    statistics = None if track.statistics is None else plain(track.statistics)
    said = plain(track) | {"statistics": statistics}
    known = json.dumps(said, sort_keys=True).encode()
    return hashlib.blake2b(known, digest_size=8).hexdigest()
