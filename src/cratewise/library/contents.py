"""Everything the library knows of one account's songs, taken out as plain values and put in again as a whole.

Not among it: what the network said, which it says again, and the playlists at Spotify with their history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from cratewise.library.accounts import KnownAccount
from cratewise.library.corrections import Correction, CorrectionStore, GenreChange, Pin
from cratewise.library.database import Database
from cratewise.library.identity import link, parts
from cratewise.library.knowledge import PUBLIC, SETTLED, settle, subjects_of
from cratewise.library.listing import refresh_all
from cratewise.library.playlists import rules_from, rules_into
from cratewise.library.songs import NOT_LIKED, SavedSong, track_row
from cratewise.library.tables import (
    AccountRow,
    CorrectionRow,
    FoundStatisticsRow,
    FoundTagsRow,
    GenreChangeRow,
    PinRow,
    RulesRow,
    SavedTrackRow,
    TrackRow,
)
from cratewise.library.trackrows import statistics_from, track_from
from cratewise.library.upsert import upsert
from cratewise.playlists.rules import Rules
from cratewise.progress import Progress, in_parts, silent
from cratewise.tracks import AudioStatistics, plain


@dataclass(frozen=True, slots=True)
class KnownTrack:
    """A release that an account knows.

    Attributes:
        song: The release; its popularity, statistics and tags are the best of what is said of it.
        is_liked: Whether it is liked now; else it was once, and `song.added_at` means nothing.
        song_id: The same for all releases of one song; found anew when it is written.
        is_dated: Whether it is known when it was liked; else `song.added_at` was made up, and any other is better.
    """

    song: SavedSong
    is_liked: bool = True
    song_id: str = ""
    is_dated: bool = True


@dataclass(frozen=True, slots=True)
class StatisticsAnswer:
    """What one source said of a release.

    Attributes:
        track_id: The release.
        source: Who said it.
        found_at: When (UTC).
        statistics: Its statistics, `None` where the source knows none.
        popularity: Its popularity, likewise.
    """

    track_id: str
    source: str
    found_at: datetime
    statistics: AudioStatistics | None = None
    popularity: int | None = None


@dataclass(frozen=True, slots=True)
class TagsAnswer:
    """What one source called an artist, or the artists of a release.

    Attributes:
        subject: The artist or release, as `knowledge` writes them.
        source: Who said it.
        found_at: When (UTC).
        tags: Each tag with its weight; none where the source knows none.
    """

    subject: str
    source: str
    found_at: datetime
    tags: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Contents:
    """What an account's library holds.

    Attributes:
        tracks: Every release.
        statistics: What sources said of them.
        tags: What sources called their artists.
        corrections: What the person said of genres, oldest first.
        genre_changes: What the person made of genres.
        pins: Where the person wants songs, or does not.
        rules: The rules of the playlists, `None` where none were saved.
        rules_changed_at: When they were saved (UTC), `None` where that is not known.
    """

    tracks: tuple[KnownTrack, ...] = ()
    statistics: tuple[StatisticsAnswer, ...] = ()
    tags: tuple[TagsAnswer, ...] = ()
    corrections: tuple[Correction, ...] = ()
    genre_changes: tuple[GenreChange, ...] = ()
    pins: tuple[Pin, ...] = ()
    rules: Rules | None = None
    rules_changed_at: datetime | None = None


class ContentsStore:
    """Reads and writes everything about an account's songs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._corrections = CorrectionStore(database)

    def read(self, account_id: str, progress: Progress = silent) -> Contents:
        """Everything known of an account's songs; what public sources said of them included."""
        tracks: list[KnownTrack] = []
        statistics: list[StatisticsAnswer] = []
        tags: dict[tuple[str, str], TagsAnswer] = {}
        with self._database.reading() as connection:
            of_account = select(RulesRow.rules, RulesRow.changed_at).where(RulesRow.account_id == account_id)
            kept = connection.execute(of_account).first()
            track_ids = connection.execute(_track_ids(account_id)).scalars().all()
            for ids in in_parts(track_ids, progress, "Reading your library"):
                found = {row.track_id: row for row in connection.execute(_tracks_of(account_id, ids))}
                rows = [found[track_id] for track_id in ids]
                tracks += map(_known_track, rows)
                statistics += _statistics_of(connection, account_id, rows)
                tags |= _tags_of(connection, account_id, rows)
        return Contents(
            tracks=tuple(tracks),
            statistics=tuple(statistics),
            tags=tuple(tags[key] for key in sorted(tags)),
            corrections=self._corrections.all(account_id)[::-1],
            genre_changes=tuple(self._corrections.genre_changes(account_id).values()),
            pins=self._corrections.pins(account_id)[::-1],
            rules=None if kept is None else rules_from(kept.rules),
            rules_changed_at=None if kept is None else kept.changed_at,
        )

    def write(self, account: KnownAccount, contents: Contents, at: datetime, progress: Progress = silent) -> None:
        """Makes this what is known of an account's songs, as a whole or not at all; nothing but liking is forgotten.

        What was said of genres and songs is replaced by what `contents` says, which therefore has to hold what is to
        stay; releases and what sources said of them are added, or brought up to date.

        Args:
            account: The account as it is now.
            contents: Everything that is to be known.
            at: The time (UTC).
            progress: Is told how far it is; what it raises ends the writing, and nothing is kept.
        """
        account_id = account.account_id
        track_ids = [known.song.track.track_id for known in contents.tracks]
        with self._database.writing() as connection:
            upsert(connection, AccountRow, [plain(account)])
            for part in in_parts(contents.tracks, progress, "Keeping the songs"):
                rows = [track_row(account_id, known.song) for known in part]
                upsert(connection, TrackRow, rows, keep=(*SETTLED, "song_id"))
                upsert(connection, SavedTrackRow, [_liked_row(account_id, one.song) for one in part if one.is_liked])
            _write_unliked(connection, account_id, contents, progress)
            _write_answers(connection, account_id, contents, progress)
            _write_words(connection, account_id, contents, at)
            for ids in in_parts(track_ids, progress, "Putting together what is known of them"):
                settle(connection, account_id, ids)
            for ids in in_parts(track_ids, progress, "Finding releases of one song"):
                link(connection, account_id, ids)
            refresh_all(connection, account_id, progress)


_SAVED = (SavedTrackRow.account_id == TrackRow.account_id) & (SavedTrackRow.track_id == TrackRow.track_id)


def _track_ids(account_id: str) -> Any:
    """The releases in their order, by their ids alone: whole rows of a large library take long to put in order."""
    return (
        select(TrackRow.track_id)
        .outerjoin(SavedTrackRow, _SAVED)
        .where(TrackRow.account_id == account_id)
        .order_by(SavedTrackRow.added_at.is_(None), SavedTrackRow.added_at.desc(), TrackRow.track_id)
    )


def _tracks_of(account_id: str, track_ids: Sequence[str]) -> Any:
    return (
        select(*TrackRow.__table__.c, SavedTrackRow.added_at, SavedTrackRow.is_available)
        .outerjoin(SavedTrackRow, _SAVED)
        .where(TrackRow.account_id == account_id, TrackRow.track_id.in_(track_ids))
    )


def _known_track(row: Row[Any]) -> KnownTrack:
    is_liked = row.added_at is not None
    song = SavedSong(
        track_from(row),
        row.uri,
        row.added_at if is_liked else NOT_LIKED,
        row.is_available if is_liked else True,
        row.cover_url,
        tuple(row.artist_ids),
    )
    return KnownTrack(song, is_liked, row.song_id)


def _statistics_of(connection: Connection, account_id: str, rows: Sequence[Row[Any]]) -> list[StatisticsAnswer]:
    """What is said of these rows of `tracks`; of one source's two answers the account's own."""
    table = FoundStatisticsRow.__table__
    here = table.c.account_id.in_((PUBLIC, account_id)) & table.c.track_id.in_([row.track_id for row in rows])
    found = connection.execute(select(table).where(here).order_by(table.c.account_id)).all()
    answers = {
        (said.track_id, said.source): StatisticsAnswer(
            said.track_id,
            said.source,
            said.found_at,
            None if said.statistics is None else statistics_from(said.statistics),
            said.popularity,
        )
        for said in found
    }
    return [answers[key] for key in sorted(answers)]


def _tags_of(connection: Connection, account_id: str, rows: Sequence[Row[Any]]) -> Mapping[tuple[str, str], TagsAnswer]:
    table = FoundTagsRow.__table__
    found: dict[tuple[str, str], TagsAnswer] = {}
    for subjects in parts(
        {subject for row in rows for subject in subjects_of(row.track_id, row.artists, row.artist_ids)}
    ):
        here = table.c.account_id.in_((PUBLIC, account_id)) & table.c.subject.in_(subjects)
        for said in connection.execute(select(table).where(here).order_by(table.c.account_id)):
            found[said.subject, said.source] = TagsAnswer(said.subject, said.source, said.found_at, said.tags)
    return found


def _liked_row(account_id: str, song: SavedSong) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "track_id": song.track.track_id,
        "added_at": song.added_at,
        "is_available": song.is_available,
    }


def _write_unliked(connection: Connection, account_id: str, contents: Contents, progress: Progress) -> None:
    """Takes down those that were liked and are not any more."""
    liked = {known.song.track.track_id for known in contents.tracks if known.is_liked}
    of_account = SavedTrackRow.account_id == account_id
    before = connection.execute(select(SavedTrackRow.track_id).where(of_account)).scalars()
    gone = [track_id for track_id in before if track_id not in liked]
    for part in in_parts(gone, progress, "Taking down what is not liked any more"):
        connection.execute(delete(SavedTrackRow).where(of_account, SavedTrackRow.track_id.in_(part)))


def _write_answers(connection: Connection, account_id: str, contents: Contents, progress: Progress) -> None:
    own = {"account_id": account_id}
    for part in in_parts(contents.statistics, progress, "Keeping what they sound like"):
        rows = [
            own | plain(said) | {"statistics": None if said.statistics is None else plain(said.statistics)}
            for said in part
        ]
        upsert(connection, FoundStatisticsRow, rows)
    for tags in in_parts(contents.tags, progress, "Keeping what their artists are called"):
        upsert(connection, FoundTagsRow, [own | plain(said) for said in tags])


def _write_words(connection: Connection, account_id: str, contents: Contents, at: datetime) -> None:
    """Everything the person said."""
    own = {"account_id": account_id}
    this = (CorrectionRow.account_id == account_id) & (CorrectionRow.correction_id == bindparam("this"))
    kept = [
        {"this": one.correction_id, "at": one.taken_back_at}
        for one in contents.corrections
        if one.correction_id is not None
    ]
    if kept:
        connection.execute(update(CorrectionRow).where(this).values(taken_back_at=bindparam("at")), kept)
    new = [own | plain(one) for one in contents.corrections if one.correction_id is None]
    for row in new:
        del row["correction_id"]
    if new:
        connection.execute(insert(CorrectionRow), new)
    for kind, said in ((GenreChangeRow, contents.genre_changes), (PinRow, contents.pins)):
        connection.execute(delete(kind).where(kind.account_id == account_id))
        if said:
            connection.execute(insert(kind), [own | plain(one) for one in said])
    if contents.rules is not None:
        upsert(
            connection,
            RulesRow,
            [own | {"rules": rules_into(contents.rules), "changed_at": contents.rules_changed_at or at}],
        )
