"""The tables of the library. Every row belongs to an account, but for what public sources and catalogues say."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from cratewise.library.columns import Moment, StorableText, Whole


class Base(DeclarativeBase):
    """Base of all tables; constraints have names, so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy's own attribute)
        str: StorableText,
        int: Whole,
        datetime: Moment,
        list[str]: JSON,
        list[Any]: JSON,
        dict[str, Any]: JSON(none_as_null=True),
    }


class AccountRow(Base):
    """An account, by its immutable key."""

    __tablename__ = "accounts"
    account_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    liked_total: Mapped[int]
    synced_at: Mapped[datetime | None]
    liked_read: Mapped[int] = mapped_column(server_default="0")
    playlists_seen: Mapped[bool] = mapped_column(server_default=false())


_BY_KEY = {"sqlite_with_rowid": False}
"""Rows lie in the order of the key (in SQLite; PostgreSQL has no such tables), which small rows gain by."""


def _of_track() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["account_id", "track_id"], ["tracks.account_id", "tracks.track_id"])


_OTHERS = text("song_id <> track_id")
_OTHER_RELEASES = Index(None, "account_id", "song_id", sqlite_where=_OTHERS, postgresql_where=_OTHERS)
"""Finds the releases of a song beside the one that it is called by, which is found by its own id: most have none."""


class TrackRow(Base):
    """A song as far as it is known to an account: what it read or imported, and the best of what sources say."""

    __tablename__ = "tracks"
    __table_args__ = (
        Index(None, "account_id", "uri"),
        Index(None, "account_id", "isrc"),
        Index(None, "account_id", "release_name"),
        Index(None, "account_id", "artist_key"),
        Index(None, "account_id", "album_key"),
        _OTHER_RELEASES,
    )
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True)
    track_id: Mapped[str] = mapped_column(primary_key=True)
    uri: Mapped[str]
    cover_url: Mapped[str]
    title: Mapped[str]
    artists: Mapped[list[str]]
    artist_ids: Mapped[list[str]]
    album: Mapped[str]
    duration_ms: Mapped[int | None]
    explicit: Mapped[bool | None]
    release_year: Mapped[int | None]
    isrc: Mapped[str]
    popularity: Mapped[int | None]
    statistics: Mapped[dict[str, Any] | None]
    artist_tags: Mapped[list[str]]
    fingerprint: Mapped[str]
    release_name: Mapped[str]
    artist_key: Mapped[str]
    album_key: Mapped[str]
    words: Mapped[str]
    song_id: Mapped[str]


class DerivedRow(Base):
    """Which rules the columns and tables were derived by that can be made anew from the others; one row."""

    __tablename__ = "derived"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class SongRow(Base):
    """A liked song as it is listed: its releases as one, with the genre that counts. Derived, by `songs.refresh`."""

    __tablename__ = "songs"
    __table_args__ = (
        _of_track(),
        Index(None, "account_id", "added_at", "song_id"),
        Index(None, "account_id", "family", "genre"),
        Index(None, "account_id", "confidence"),
        Index(None, "account_id", "artist", "words"),
        Index(None, "account_id", "words"),
    )
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True)
    song_id: Mapped[str] = mapped_column(primary_key=True)
    track_id: Mapped[str]
    n_releases: Mapped[int]
    added_at: Mapped[datetime]
    is_available: Mapped[bool]
    artist: Mapped[str]
    album: Mapped[str]
    words: Mapped[str]
    genre: Mapped[str]
    family: Mapped[str]
    confidence: Mapped[float] = mapped_column(Double)
    runner_up: Mapped[str]
    reason: Mapped[str]
    said_by: Mapped[str]


class CorrectionRow(Base):
    """What a person said of the genre of a song (`key` is a track id), an album, or an artist (a folded name)."""

    __tablename__ = "corrections"
    __table_args__ = (Index(None, "account_id", "kind", "key"),)
    correction_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"))
    kind: Mapped[str]
    key: Mapped[str]
    name: Mapped[str]
    genre: Mapped[str]
    family: Mapped[str]
    said_by: Mapped[str]
    said_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]


class GenreChangeRow(Base):
    """What a person made of a genre: another name, a part of another genre, or hidden; none of it if taken back."""

    __tablename__ = "genre_changes"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True)
    genre: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    merged_into: Mapped[str]
    is_hidden: Mapped[bool]
    counts_as: Mapped[str]
    counts_as_family: Mapped[str]
    said_at: Mapped[datetime | None]


class PinRow(Base):
    """A song that a person wants in the playlist of a genre, or not in it, whatever its genre is.

    `is_in` is null where that was taken back: it is kept, so that an older word in a file does not count again.
    """

    __tablename__ = "pins"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True)
    track_id: Mapped[str] = mapped_column(primary_key=True)
    genre: Mapped[str] = mapped_column(primary_key=True)
    is_in: Mapped[bool | None]
    said_at: Mapped[datetime]


class FoundStatisticsRow(Base):
    """What one source says of a song, or that it knows nothing (`statistics` is null).

    What public sources say belongs to nobody (an empty `account_id`), what a file says to whoever imported it.
    """

    __tablename__ = "found_statistics"
    account_id: Mapped[str] = mapped_column(primary_key=True)
    track_id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    statistics: Mapped[dict[str, Any] | None]
    popularity: Mapped[int | None]
    found_at: Mapped[datetime]


class FoundTagsRow(Base):
    """What one source calls an artist (or the artists of one track): each tag with its weight, or none.

    It belongs to whom `FoundStatisticsRow` says.
    """

    __tablename__ = "found_tags"
    account_id: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    tags: Mapped[dict[str, Any]]
    found_at: Mapped[datetime]


class CatalogueRow(Base):
    """A song of a catalogue that a person added: statistics at hand without asking anybody."""

    __tablename__ = "catalogue"
    catalogue: Mapped[str] = mapped_column(primary_key=True)
    track_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    release_name: Mapped[str] = mapped_column(index=True)
    duration_ms: Mapped[int | None]
    popularity: Mapped[int | None]
    statistics: Mapped[dict[str, Any] | None]


class SavedTrackRow(Base):
    """A song that an account likes."""

    __tablename__ = "saved_tracks"
    __table_args__ = (
        _of_track(),
        Index(None, "account_id", "added_at", "is_available"),
        _BY_KEY,
    )
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True)
    track_id: Mapped[str] = mapped_column(primary_key=True)
    added_at: Mapped[datetime]
    is_available: Mapped[bool]


class ClassificationRow(Base):
    """What a model said of a song, and whether what is known of the song is still what the model saw."""

    __tablename__ = "classifications"
    __table_args__ = (_of_track(), _BY_KEY)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True)
    track_id: Mapped[str] = mapped_column(primary_key=True)
    genre: Mapped[str]
    family: Mapped[str]
    confidence: Mapped[float] = mapped_column(Double)
    runner_up: Mapped[str]
    others: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    reason: Mapped[str]
    model_version: Mapped[str]
    is_current: Mapped[bool] = mapped_column(server_default=true())


class PlaylistRow(Base):
    """A playlist of the account's own, as last seen."""

    __tablename__ = "playlists"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True)
    playlist_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    snapshot_id: Mapped[str]
    total: Mapped[int]
    url: Mapped[str]


class PlaylistSongsRow(Base):
    """What stands in one of the account's own playlists, as far as it was read."""

    __tablename__ = "playlist_songs"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True)
    playlist_id: Mapped[str] = mapped_column(primary_key=True)
    snapshot_id: Mapped[str]
    uris: Mapped[list[Any]]
    n_read: Mapped[int]
    is_whole: Mapped[bool]


class ManagedPlaylistRow(Base):
    """A playlist this program made, with the contents last seen and the songs it put in itself."""

    __tablename__ = "managed_playlists"
    __table_args__ = (UniqueConstraint("account_id", "genre"),)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True)
    playlist_id: Mapped[str] = mapped_column(primary_key=True)
    genre: Mapped[str]
    name: Mapped[str]
    ours: Mapped[list[str]]
    contents: Mapped[list[Any]]
    snapshot_id: Mapped[str]
    url: Mapped[str]
    does_exist: Mapped[bool]


class RulesRow(Base):
    """The rules an account's person saved last."""

    __tablename__ = "rules"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True)
    rules: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]


class RunRow(Base):
    """An applied plan."""

    __tablename__ = "runs"
    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"), index=True)
    plan_id: Mapped[str]
    state: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    rules: Mapped[dict[str, Any]]
    model_version: Mapped[str]


class RunStepRow(Base):
    """One playlist's part of a run; `change` holds the planned change in full."""

    __tablename__ = "run_steps"
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.run_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    playlist_id: Mapped[str | None]
    url: Mapped[str]
    change: Mapped[dict[str, Any]]
    after: Mapped[list[Any]]
    namesakes: Mapped[list[str]]
    n_sent: Mapped[int] = mapped_column(server_default="0")


class SessionRow(Base):
    """A browser that is logged in to an account of a host; only the hash of what its cookie holds is kept."""

    __tablename__ = "sessions"
    session: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(index=True)
    began_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class DrawerRow(Base):
    """A small thing of an account of a host, or of the host itself (an empty owner): a login, a choice, a schedule."""

    __tablename__ = "drawers"
    owner: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True, index=True)
    content: Mapped[bytes]
    changed_at: Mapped[datetime]


class CallRow(Base):
    """A call that a host made to Spotify, in seconds since 1970."""

    __tablename__ = "calls"
    call_id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at_s: Mapped[float] = mapped_column(Double, index=True)


class JobRow(Base):
    """The newest job of an account of a host: what was ordered, and how far it is."""

    __tablename__ = "jobs"
    account_id: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[str]
    ordered: Mapped[dict[str, Any]]
    state: Mapped[dict[str, Any]]
    is_active: Mapped[bool] = mapped_column(index=True)
    shall_stop: Mapped[bool]
    changed_at: Mapped[datetime]


class UploadRow(Base):
    """A part of the file that came with the job of an account of a host."""

    __tablename__ = "uploads"
    account_id: Mapped[str] = mapped_column(ForeignKey("jobs.account_id", ondelete="CASCADE"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes]


class RevisionRow(Base):
    """How often an account's library was changed by a host's pages, so that each process sees what others changed."""

    __tablename__ = "revisions"
    account_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
