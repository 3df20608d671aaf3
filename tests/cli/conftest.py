"""Commands as a person runs them who is logged in to the sandbox."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cratewise import workflows
from cratewise.app import Application
from cratewise.classification import Classification
from cratewise.cli import corrections, demo, files, genres, library, playlists, report, rules
from cratewise.demo import running_demo
from cratewise.settings import Settings


class JazzClassifier:
    """Hears jazz in everything."""

    version = "jazz-1"

    def classify(self, tracks, *, least_confidence):
        """Always the same answer."""
        return [Classification(one.track_id, "jazz", "jazz", 0.9, "blues", False, "It swings.") for one in tracks]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Runs a command against the sandbox account, as a person would who is logged in to it."""
    app = typer.Typer()
    for topic in (demo, library, rules, playlists, report, corrections, genres, files):
        topic.register(app)

    def wire(settings: Settings) -> Application:
        return Application(settings, load_classifier=JazzClassifier)

    with running_demo(Settings(data_dir=tmp_path), wire) as running:
        monkeypatch.setenv("CRATEWISE_CONFIG", str(tmp_path / "none.toml"))
        monkeypatch.setenv("CRATEWISE_DATA_DIR", str(tmp_path / "demo"))
        monkeypatch.setenv("CRATEWISE_SPOTIFY_API_URL", running.sandbox.api_url)
        monkeypatch.setenv("CRATEWISE_SPOTIFY_ACCOUNTS_URL", running.sandbox.accounts_url)
        workflows.sync_library(running.app)
        workflows.classify_library(running.app)
        yield lambda *arguments, **options: CliRunner().invoke(app, arguments, catch_exceptions=False, **options)
