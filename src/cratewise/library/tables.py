"""The tables of the library. Every row of a person's belongs to an account; tracks are shared between accounts."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Double,
    ForeignKey,
    Index,
    MetaData,
    UniqueConstraint,
    false,
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


class TrackRow(Base):
    """A song as far as it is known, whoever likes it."""

    __tablename__ = "tracks"
    track_id: Mapped[str] = mapped_column(primary_key=True)
    uri: Mapped[str] = mapped_column(index=True)
    cover_url: Mapped[str]
    title: Mapped[str]
    artists: Mapped[list[str]]
    album: Mapped[str]
    duration_ms: Mapped[int | None]
    explicit: Mapped[bool | None]
    popularity: Mapped[int | None]
    release_year: Mapped[int | None]
    isrc: Mapped[str]
    statistics: Mapped[dict[str, Any] | None]
    artist_tags: Mapped[list[str]]
    fingerprint: Mapped[str]


class SavedTrackRow(Base):
    """A song that an account likes."""

    __tablename__ = "saved_tracks"
    __table_args__ = (Index(None, "account_id", "added_at"),)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True)
    track_id: Mapped[str] = mapped_column(ForeignKey("tracks.track_id"), primary_key=True)
    added_at: Mapped[datetime]
    is_available: Mapped[bool]


class ClassificationRow(Base):
    """What a model said of a song, and of which state of the song (`fingerprint`)."""

    __tablename__ = "classifications"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True)
    track_id: Mapped[str] = mapped_column(ForeignKey("tracks.track_id"), primary_key=True)
    genre: Mapped[str]
    family: Mapped[str]
    confidence: Mapped[float] = mapped_column(Double)
    runner_up: Mapped[str]
    reason: Mapped[str]
    model_version: Mapped[str]
    fingerprint: Mapped[str]


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
