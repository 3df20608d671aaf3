"""A library from a file as Exportify writes it, and what a person can say of it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cratewise import workflows
from cratewise.app import Application
from cratewise.exports.record import LibraryRecord
from cratewise.playlists.rules import Rules
from cratewise.settings import Settings

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HEADER = (
    "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By,Added At,"
    "Genres,Record Label,Danceability,Energy,Key,Loudness,Mode,Speechiness,Acousticness,Instrumentalness,Liveness,"
    "Valence,Tempo,Time Signature"
)
SO_WHAT = (
    "spotify:track:4vLYewWIvqHfKtJDk8c8tq,So What,Kind of Blue,Miles Davis,1959-08-17,545000,60,false,,"
    '2024-01-02T03:04:05Z,"cool jazz,jazz",Columbia,0.3,0.2,2,-16.0,1,0.04,0.9,0.4,0.1,0.3,136.0,4'
)
ONE_MORE_TIME = (
    "spotify:track:0DiWol3AO6WpXZgp0goxAV,One More Time,Discovery,Daft Punk,2001-03-07,320357,80,false,,"
    '2024-02-02T03:04:05Z,"french house,filter house",Virgin,0.6,0.7,2,-8.6,1,0.13,0.02,0,0.33,0.47,122.7,4'
)
NO_ID = ",Untitled Demo,,Somebody;Nobody,,,,,,,,,,,,,,,,,,,,"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], Application]]:
    """Makes applications, each with an empty library of its own."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(
            Application(Settings(data_dir=tmp_path / name, sources=()), now=lambda: NOW)
        )


@pytest.fixture
def exportify(tmp_path: Path) -> Path:
    """A file as Exportify writes it today."""
    file = tmp_path / "liked.csv"
    file.write_text("\ufeff" + "\n".join([HEADER, SO_WHAT, ONE_MORE_TIME, NO_ID]) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def full(make: Callable[[str], Application], exportify: Path) -> Application:
    """A library from a file, sorted, with everything a person can say."""
    app = make("full")
    workflows.import_file(app, exportify)
    workflows.classify_library(app)
    workflows.correct(app, "bebop" if "bebop" in slugs(app) else "jazz", [workflows.find_song(app, "so what")])
    workflows.correct(app, "house", [workflows.find_artist(app, "daft punk")])
    (newest, *_) = workflows.corrections(app)
    workflows.correct(app, "electronic", [workflows.find_album(app, "Discovery")])
    assert newest.correction_id is not None
    workflows.take_back(app, [newest.correction_id])
    workflows.pin(app, workflows.find_song(app, "untitled demo"), "jazz", is_in=True)
    workflows.change_genre(app, "jazz", name="Blue Notes")
    workflows.change_genre(app, "soundtrack-stage" if "soundtrack-stage" in slugs(app) else "folk", hidden=True)
    workflows.save_rules(app, Rules(("jazz", "electronic"), least_songs=1))
    return app


def slugs(app: Application) -> set[str]:
    """Every genre."""
    return set(workflows.genre_names(app))


def same(record: LibraryRecord) -> LibraryRecord:
    """A record without the time it was written."""
    assert record.background is not None
    return replace(record, background=replace(record.background, exported_at=None))


def songs(app: Application) -> dict[str, tuple[str, str]]:
    """Genre of each song and who said it, by title."""
    return {one.title: (one.genre, one.said_by) for one in workflows.list_songs(app)}
