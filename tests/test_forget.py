"""Forgetting everything: whole, only one's own, and not to be read from the disk afterwards."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cratewise import workflows
from cratewise.app import Application
from cratewise.cli.program import app as program
from cratewise.errors import LibraryError
from cratewise.library.tables import Base
from cratewise.playlists.rules import Rules
from cratewise.settings import Settings

SECRET = "Hallowed Be Thy Name"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a library in it and a word on a song."""
    songs = tmp_path / "songs.csv"
    songs.write_text("track_name,artists\n" + f"{SECRET},Iron Maiden\nJolene,Dolly Parton\n")
    with Application(Settings(data_dir=tmp_path / "data", sources=())) as app:
        workflows.import_file(app, songs)
        workflows.classify_library(app)
        workflows.correct(app, "folk", [workflows.find_song(app, "jolene")])
        workflows.save_rules(app, Rules(("folk",)))
    return tmp_path / "data"


def on_disk(folder: Path) -> bytes:
    """Everything in the folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_nothing_is_left_on_the_disk(folder: Path) -> None:
    """Not even what the database would keep of deleted rows."""
    with Application(Settings(data_dir=folder, sources=())) as app:
        assert SECRET.encode() in on_disk(folder)
        known = workflows.forget(app)
        assert (known.songs, known.words, known.runs, known.playlists) == (2, 1, 0, ())
        assert SECRET.encode() not in on_disk(folder)
        assert b"Dolly" not in on_disk(folder)
        with app.library.accounts._database.reading() as connection:  # every table, also those of tomorrow
            tables = [table for table in Base.metadata.sorted_tables if table.name != "derived"]
            assert [table.name for table in tables if connection.execute(table.select()).first()] == []
        with pytest.raises(LibraryError):
            workflows.forget(app)


def test_the_command_asks_first(folder: Path) -> None:
    """And says what it would do; a no changes nothing."""
    said = CliRunner().invoke(program, ["forget", "--data-dir", str(folder)], input="n\n")
    assert "liked songs 2, your words 1, runs 0" in said.output
    assert said.exit_code != 0
    assert SECRET.encode() in on_disk(folder)
    said = CliRunner().invoke(program, ["forget", "--yes", "--data-dir", str(folder)])
    assert (said.exit_code, "Forgotten." in said.output) == (0, True)
    assert SECRET.encode() not in on_disk(folder)
