"""The library as a whole: tracks of each account's own, songs as they are listed, a person's word, what sources say."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEYS = ("uri", "isrc", "release_name", "artist_key", "album_key", "song_id")
_DERIVED = ("release_name", "artist_key", "album_key", "words", "song_id")


def upgrade() -> None:
    """Makes the tables; tracks that all accounts shared become each account's own.

    What is derived stays empty: it is made when the library is opened (`Library.open`).
    """
    kept = _taken_out()
    _make_tracks()
    _put_back(kept)
    _make_songs()
    _make_corrections()
    _make_knowledge()


def _taken_out() -> dict[str, list[dict[str, object]]]:
    """Takes the rows out of the tables that have to be made anew."""
    connection, metadata = op.get_bind(), sa.MetaData()
    kept = {}
    for name in ("classifications", "saved_tracks", "tracks", "accounts"):
        table = sa.Table(name, metadata, autoload_with=connection)
        kept[name] = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
    for name in ("classifications", "saved_tracks", "tracks"):
        op.drop_table(name)
    return kept


def _put_back(kept: dict[str, list[dict[str, object]]]) -> None:
    """Puts them back; each track to whoever likes it, and one that nobody likes to all."""
    connection, metadata = op.get_bind(), sa.MetaData()
    owners: dict[object, set[object]] = {}
    for row in (*kept["saved_tracks"], *kept["classifications"]):
        owners.setdefault(row["track_id"], set()).add(row["account_id"])
    everybody = {row["account_id"] for row in kept["accounts"]}
    rows = {
        "tracks": [
            track | dict.fromkeys(_DERIVED, "") | {"artist_ids": [], "account_id": account_id}
            for track in kept["tracks"]
            for account_id in sorted(owners.get(track["track_id"], everybody), key=str)
        ],
        "saved_tracks": kept["saved_tracks"],
        "classifications": kept["classifications"],
    }
    for name, values in rows.items():
        if values:
            connection.execute(sa.Table(name, metadata, autoload_with=connection).insert(), values)


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_account_id_accounts")
    return sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=name, ondelete="CASCADE")


def _of_account_and_track(table: str) -> tuple[sa.ForeignKeyConstraint, sa.ForeignKeyConstraint]:
    name = op.f(f"fk_{table}_account_id_track_id_tracks")
    track = sa.ForeignKeyConstraint(["account_id", "track_id"], ["tracks.account_id", "tracks.track_id"], name=name)
    return _of_account(table), track


def _make_tracks() -> None:
    op.create_table(
        "tracks",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("cover_url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("artists", sa.JSON(), nullable=False),
        sa.Column("artist_ids", sa.JSON(), nullable=False),
        sa.Column("album", sa.String(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("explicit", sa.Boolean(), nullable=True),
        sa.Column("release_year", sa.Integer(), nullable=True),
        sa.Column("isrc", sa.String(), nullable=False),
        sa.Column("popularity", sa.Integer(), nullable=True),
        sa.Column("statistics", sa.JSON(), nullable=True),
        sa.Column("artist_tags", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("release_name", sa.String(), nullable=False),
        sa.Column("artist_key", sa.String(), nullable=False),
        sa.Column("album_key", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("song_id", sa.String(), nullable=False),
        _of_account("tracks"),
        sa.PrimaryKeyConstraint("account_id", "track_id", name=op.f("pk_tracks")),
    )
    for name in _KEYS:
        op.create_index(op.f(f"ix_tracks_account_id_{name}"), "tracks", ["account_id", name], unique=False)
    op.create_table(
        "saved_tracks",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        *_of_account_and_track("saved_tracks"),
        sa.PrimaryKeyConstraint("account_id", "track_id", name=op.f("pk_saved_tracks")),
    )
    op.create_index(
        op.f("ix_saved_tracks_account_id_added_at"), "saved_tracks", ["account_id", "added_at"], unique=False
    )
    op.create_table(
        "classifications",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("genre", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("runner_up", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        *_of_account_and_track("classifications"),
        sa.PrimaryKeyConstraint("account_id", "track_id", name=op.f("pk_classifications")),
    )


def _make_songs() -> None:
    op.create_table(
        "derived",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_derived")),
    )
    op.create_table(
        "songs",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("song_id", sa.String(), nullable=False),
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("n_releases", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        sa.Column("artist", sa.String(), nullable=False),
        sa.Column("album", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("genre", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("runner_up", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        *_of_account_and_track("songs"),
        sa.PrimaryKeyConstraint("account_id", "song_id", name=op.f("pk_songs")),
    )
    newest = ["account_id", "added_at", "song_id"]
    op.create_index(op.f("ix_songs_account_id_added_at_song_id"), "songs", newest, unique=False)
    op.create_index(
        op.f("ix_songs_account_id_family_genre_added_at"),
        "songs",
        ["account_id", "family", "genre", "added_at"],
        unique=False,
    )
    op.create_index(op.f("ix_songs_account_id_confidence"), "songs", ["account_id", "confidence"], unique=False)
    op.create_index(op.f("ix_songs_account_id_artist_words"), "songs", ["account_id", "artist", "words"], unique=False)
    op.create_index(op.f("ix_songs_account_id_words"), "songs", ["account_id", "words"], unique=False)


def _make_corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("correction_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("genre", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        _of_account("corrections"),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_corrections")),
    )
    keys = ["account_id", "kind", "key"]
    op.create_index(op.f("ix_corrections_account_id_kind_key"), "corrections", keys, unique=False)
    op.create_table(
        "genre_changes",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("genre", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("merged_into", sa.String(), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("counts_as", sa.String(), nullable=False),
        sa.Column("counts_as_family", sa.String(), nullable=False),
        _of_account("genre_changes"),
        sa.PrimaryKeyConstraint("account_id", "genre", name=op.f("pk_genre_changes")),
    )
    op.create_table(
        "pins",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("genre", sa.String(), nullable=False),
        sa.Column("is_in", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        _of_account("pins"),
        sa.PrimaryKeyConstraint("account_id", "track_id", "genre", name=op.f("pk_pins")),
    )


def _make_knowledge() -> None:
    op.create_table(
        "found_statistics",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("statistics", sa.JSON(), nullable=True),
        sa.Column("popularity", sa.Integer(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "track_id", "source", name=op.f("pk_found_statistics")),
    )
    op.create_table(
        "found_tags",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "subject", "source", name=op.f("pk_found_tags")),
    )
    op.create_table(
        "catalogue",
        sa.Column("catalogue", sa.String(), nullable=False),
        sa.Column("track_id", sa.String(), nullable=False),
        sa.Column("release_name", sa.String(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("popularity", sa.Integer(), nullable=True),
        sa.Column("statistics", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("catalogue", "track_id", name=op.f("pk_catalogue")),
    )
    for name in ("track_id", "release_name"):
        op.create_index(op.f(f"ix_catalogue_{name}"), "catalogue", [name], unique=False)


def downgrade() -> None:
    """Refused: what a person said since has no place in the schema before.

    Raises:
        NotImplementedError: Always.
    """
    raise NotImplementedError
