"""A secret that somebody enters on a host stands in its database encrypted alone."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.hosting.conftest import Browser, Hosting, SixGenres

from cratewise.hosting.host import Host
from cratewise.settings import Settings
from cratewise.sourcechoice import SourceChoice, read_choice

KEY = "0123456789abcdef0123456789abcdef"
CHOSEN = SourceChoice(sources=("lastfm",), lastfm_key=SecretStr(KEY))


@pytest.fixture
def browser(hosting: Hosting) -> Browser:
    """Somebody who is logged in to a host that leaves the sources to its people."""
    hosting.settings = Settings(**hosting.settings.model_dump(exclude={"sources", "lastfm_key"}))
    browser = hosting.browser(hosting.serve())
    browser.log_in()
    return browser


def account_of(hosting: Hosting) -> str:
    """Whose secret it is."""
    return hosting.sandbox.store.account.account_id


def everything(hosting: Hosting) -> str:
    """All rows of all tables."""
    names = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    with hosting.host._database.reading() as connection:
        tables = connection.exec_driver_sql(names).scalars().all()
        rows = [connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in tables]  # noqa: S608 (ours)
    return repr(rows)


def test_the_key_of_last_fm_can_be_used_and_not_be_read_from_the_database(hosting: Hosting, browser: Browser) -> None:
    """Every process that has the host's key knows it, and a copy of the database does not give it away."""
    answer = browser.client.put("/api/sources", json={"sources": ["lastfm"], "lastfm_key": KEY})
    assert answer.json() == {"sources": ["lastfm"], "has_key": True, "fixed": []}
    assert read_choice(hosting.host.drawer(account_of(hosting))) == CHOSEN
    assert "sources.json" in everything(hosting)
    assert KEY not in everything(hosting)


def test_a_key_that_an_older_version_kept_is_read_and_encrypted_at_the_next_change(
    hosting: Hosting, browser: Browser
) -> None:
    """Whatever of the choice is changed then."""
    drawer = hosting.host.drawer(account_of(hosting))
    drawer.write("sources.json", json.dumps({"sources": ["lastfm"], "lastfm_key": KEY}).encode())
    assert KEY in everything(hosting)
    assert read_choice(drawer) == CHOSEN
    assert browser.client.put("/api/sources", json={"sources": ["musicbrainz"]}).json()["has_key"]
    assert KEY not in everything(hosting)
    assert read_choice(drawer) == SourceChoice(sources=("musicbrainz",), lastfm_key=SecretStr(KEY))


def test_without_the_hosts_key_what_was_chosen_still_counts(hosting: Hosting, browser: Browser, tmp_path: Path) -> None:
    """Nobody is asked who was not to be; the key of Last.fm has to be entered again."""
    browser.client.put("/api/sources", json={"sources": ["lastfm"], "lastfm_key": KEY})
    settings = hosting.settings.model_copy(update={"data_dir": tmp_path / "another machine"})
    with Host(settings, load_classifier=SixGenres) as elsewhere:
        assert read_choice(elsewhere.drawer(account_of(hosting))) == SourceChoice(sources=("lastfm",))
