"""`cratewise login` and `cratewise logout`, as a person meets them."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cratewise.cli.account import register
from cratewise.spotify.errors import LoginFailed
from cratewise.spotify.tokens import TokenStore

from .conftest import ACCOUNT, make_tokens


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """A program with the two commands, over an empty data folder."""
    monkeypatch.setenv("CRATEWISE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CRATEWISE_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.delenv("CRATEWISE_SPOTIFY_CLIENT_ID", raising=False)
    program = typer.Typer()
    register(program)
    return program


def test_the_help_tells_a_newcomer_what_to_enter(app: typer.Typer) -> None:
    """Redirect URI to the letter, Web API, User Management, Premium, and the command to run then."""
    shown = CliRunner().invoke(app, ["login", "--help"], env={"COLUMNS": "80", "TERM": "dumb"}).output
    words = " ".join(shown.split())
    for needed in (
        "http://127.0.0.1:8765/callback",
        "https://developer.spotify.com/dashboard",
        "Web API",
        "User Management",
        "Premium",
        "--client-id",
    ):
        assert needed in words


def test_a_first_login_without_a_client_id_says_where_to_get_one(app: typer.Typer) -> None:
    """Nothing is opened; the error carries the hint."""
    outcome = CliRunner().invoke(app, ["login", "--no-browser"])
    assert isinstance(outcome.exception, LoginFailed)
    assert "developer.spotify.com/dashboard" in outcome.exception.hint


def test_logout_forgets_every_login(app: typer.Typer, store: TokenStore) -> None:
    """The tokens are gone from the disk; a second logout has nothing to do."""
    store.save(ACCOUNT, make_tokens())
    first = CliRunner().invoke(app, ["logout"])
    assert (first.exit_code, store.accounts()) == (0, ())
    assert "https://www.spotify.com/account/apps" in first.output
    assert "Nobody was logged in" in CliRunner().invoke(app, ["logout"]).output


def test_logout_looks_in_the_folder_it_is_given(app: typer.Typer, store: TokenStore, tmp_path: Path) -> None:
    """A login kept elsewhere is forgotten there, and only there."""
    store.save(ACCOUNT, make_tokens())
    assert "Nobody was logged in" in CliRunner().invoke(app, ["logout", "--data-dir", str(tmp_path / "empty")]).output
    assert store.accounts()
    assert "Logged out" in CliRunner().invoke(app, ["logout", "--data-dir", str(tmp_path)]).output
    assert store.accounts() == ()
