"""What the classifier said of the liked songs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, or_, select

from cratewise.classification import Classification
from cratewise.library.database import Database
from cratewise.library.songs import PARAMETERS, SavedSong, saved_song_from, track_from
from cratewise.library.tables import ClassificationRow, SavedTrackRow, TrackRow
from cratewise.library.upsert import upsert
from cratewise.tracks import Track


@dataclass(frozen=True, slots=True)
class SortedSong:
    """A liked song and its genre.

    Attributes:
        song: The song.
        classification: What the classifier said, `None` when it has not been asked yet.
    """

    song: SavedSong
    classification: Classification | None


class GenreStore:
    """Reads and writes classifications."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def songs(self, account_id: str, least_confidence: float) -> tuple[SortedSong, ...]:
        """Every liked song with its genre, newest liked first; unsure are those under `least_confidence`."""
        said = ClassificationRow
        columns = (said.genre, said.family, said.confidence, said.runner_up, said.reason)
        query = _liked(account_id).add_columns(*columns).order_by(SavedTrackRow.added_at.desc(), TrackRow.uri)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(
            SortedSong(
                saved_song_from(row),
                None
                if row.genre is None
                else Classification(
                    track_id=row.track_id,
                    genre=row.genre,
                    family=row.family,
                    confidence=row.confidence,
                    runner_up=row.runner_up,
                    is_unsure=row.confidence < least_confidence,
                    reason=row.reason,
                ),
            )
            for row in rows
        )

    def unsorted(self, account_id: str, model_version: str, *, everything: bool = False) -> tuple[Track, ...]:
        """Liked songs that this model has not seen as they are now; all of them with `everything`."""
        query = _liked(account_id).order_by(TrackRow.track_id)
        if not everything:
            query = query.where(
                or_(
                    ClassificationRow.genre.is_(None),
                    ClassificationRow.model_version != model_version,
                    ClassificationRow.fingerprint != TrackRow.fingerprint,
                )
            )
        with self._database.reading() as connection:
            return tuple(track_from(row) for row in connection.execute(query))

    def write(self, account_id: str, model_version: str, classifications: Sequence[Classification]) -> None:
        """Keeps what a model said, in place of what was said before."""
        if not classifications:
            return
        with self._database.writing() as connection:
            fingerprints = _fingerprints(connection, [one.track_id for one in classifications])
            rows = [
                {
                    "account_id": account_id,
                    "track_id": one.track_id,
                    "genre": one.genre,
                    "family": one.family,
                    "confidence": one.confidence,
                    "runner_up": one.runner_up,
                    "reason": one.reason,
                    "model_version": model_version,
                    "fingerprint": fingerprints[one.track_id],
                }
                for one in classifications
            ]
            upsert(connection, ClassificationRow, rows)

    def model_version(self, account_id: str) -> str:
        """The model that spoke of the account's songs last, empty when none did."""
        query = select(ClassificationRow.model_version).where(ClassificationRow.account_id == account_id).limit(1)
        with self._database.reading() as connection:
            return connection.execute(query).scalar() or ""


def _fingerprints(connection: Connection, track_ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(track_ids), PARAMETERS):
        part = TrackRow.track_id.in_(track_ids[start : start + PARAMETERS])
        rows = connection.execute(select(TrackRow.track_id, TrackRow.fingerprint).where(part))
        found.update({row.track_id: row.fingerprint for row in rows})
    return found


def _liked(account_id: str) -> Select[Any]:
    said = and_(
        ClassificationRow.account_id == SavedTrackRow.account_id,
        ClassificationRow.track_id == SavedTrackRow.track_id,
    )
    columns = (*TrackRow.__table__.c, SavedTrackRow.added_at, SavedTrackRow.is_available)
    return (
        select(*columns)
        .select_from(SavedTrackRow)
        .join(TrackRow, TrackRow.track_id == SavedTrackRow.track_id)
        .outerjoin(ClassificationRow, said)
        .where(SavedTrackRow.account_id == account_id)
    )
