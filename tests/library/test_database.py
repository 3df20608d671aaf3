import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from cratewise.errors import LibraryError
from cratewise.library.database import SCHEMA, Database
from cratewise.library.migrations import known_revisions
from cratewise.library.store import Library
from cratewise.library.tables import Base


def file_of(url: str) -> Path:
    """The database file behind an address."""
    return Path(url.removeprefix("sqlite:///"))


def test_a_new_library_makes_its_folder_and_schema(url: str) -> None:
    """Opening an address where nothing is makes the folder, the file and every table."""
    with Library.open(url) as library:
        assert library.accounts.latest() is None
    assert file_of(url).exists()


def test_the_migrations_lead_to_the_tables(url: str) -> None:
    """What the migrations make is exactly what the tables declare, and the newest of them is the schema."""
    Library.open(url).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()
    assert max(known_revisions()) == SCHEMA


def test_the_database_is_durable_and_checked(url: str) -> None:
    """Readers don't wait for writers (WAL), and rows of unknown accounts are refused."""
    database = Database.open(url)
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    insert = "INSERT INTO rules (account_id, rules, changed_at) VALUES ('nobody', '{}', '2026-01-01')"
    with pytest.raises(LibraryError, match="FOREIGN KEY"), database.writing() as connection:
        connection.exec_driver_sql(insert)
    database.close()


def test_a_failed_write_leaves_nothing(url: str) -> None:
    """What was written before a failure in the same transaction is taken back."""
    database = Database.open(url)
    with pytest.raises(LibraryError), database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO accounts VALUES ('a', 'Ada', 0, NULL), ('a', 'Again', 0, NULL)")
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM accounts").scalar() == 0
    database.close()


def test_a_newer_schema_is_refused(url: str) -> None:
    """A library that a newer version wrote gets one clear error, and stays as it is."""
    Library.open(url).close()
    with sqlite3.connect(file_of(url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(LibraryError, match="schema 9999, newer than") as caught:
        Library.open(url)
    assert "update cratewise" in caught.value.hint


def test_a_damaged_file_is_refused(url: str) -> None:
    """A file that is no database gets one clear error, and is not overwritten."""
    file_of(url).parent.mkdir()
    file_of(url).write_bytes(b"\x89PNG rubbish" * 1000)
    with pytest.raises(LibraryError, match="damaged or no library"):
        Library.open(url)
    assert file_of(url).read_bytes().startswith(b"\x89PNG")


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """A folder that cannot be made, and a file that cannot be opened, each get one clear error."""
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LibraryError, match="cannot be made") as caught:
        Library.open(f"sqlite:///{tmp_path}/file/library.sqlite3")
    assert "--data-dir" in caught.value.hint
    with pytest.raises(LibraryError, match="cannot be written"):
        Library.open(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "postgresql://ada:secret@host/music"])
def test_another_kind_of_database_is_refused_without_its_password(url: str) -> None:
    """An address that is no SQLite file is refused, and no error shows a password."""
    with pytest.raises(LibraryError) as caught:
        Library.open(url)
    assert "secret" not in str(caught.value)
    assert "sqlite:////" in caught.value.hint


def test_only_its_owner_can_read_a_library(url: str) -> None:
    """The file, and what SQLite puts beside it, are closed to other people of the machine."""
    with Library.open(url):
        for file in file_of(url).parent.iterdir():
            assert file.stat().st_mode & 0o077 == 0, file.name
