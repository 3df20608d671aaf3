"""Which sources may be asked, and the key of Last.fm: chosen on the page, used everywhere, shown nowhere."""

import stat
from pathlib import Path

import pytest

from cratewise.drawer import Folder
from cratewise.errors import SettingsError
from cratewise.settings import Settings, load_settings
from cratewise.sourcechoice import read_choice

from .conftest import Site

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def sorted_site(site: Site) -> Site:
    """A site whose library is read and sorted."""
    site.sort()
    return site


def test_a_choice_is_kept_and_used_by_every_program(sorted_site: Site, tmp_path: Path) -> None:
    """By the server at once, and by the next program on the same data folder; the key is in no answer and no page."""
    answer = sorted_site.client.put("/api/sources", json={"sources": ["lastfm"], "lastfm_key": f" {KEY} "})
    assert answer.json() == {"sources": ["lastfm"], "has_key": True, "fixed": []}
    page = sorted_site.client.get("/settings").text
    assert "a key is set" in page
    assert "Ask Last.fm now" in page
    here = sorted_site.server.workspace.app.settings
    for settings in (here, load_settings(data_dir=tmp_path)):
        assert settings.sources == ("lastfm",)
        assert settings.lastfm_key is not None
        assert settings.lastfm_key.get_secret_value() == KEY
        assert KEY not in repr(settings)
    assert KEY not in answer.text + page + repr(read_choice(Folder(tmp_path)))
    assert stat.S_IMODE((tmp_path / "sources.json").stat().st_mode) == 0o600


def test_a_key_is_taken_away_and_the_rest_stays(sorted_site: Site, tmp_path: Path) -> None:
    """Empty text does it; a null leaves it."""
    sorted_site.client.put("/api/sources", json={"sources": ["musicbrainz"], "lastfm_key": KEY})
    assert sorted_site.client.put("/api/sources", json={"sources": []}).json()["has_key"]
    assert "nothing leaves this machine" in sorted_site.client.get("/settings").text
    taken = sorted_site.client.put("/api/sources", json={"lastfm_key": ""}).json()
    assert taken == {"sources": [], "has_key": False, "fixed": []}
    assert load_settings(data_dir=tmp_path).lastfm_key is None
    assert KEY not in (tmp_path / "sources.json").read_text()


def test_what_is_set_elsewhere_wins_and_the_page_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sorted_site: Site
) -> None:
    """A choice beside it is refused as a whole; nothing is kept."""
    sorted_site.client.put("/api/sources", json={"lastfm_key": KEY})
    monkeypatch.setenv("CRATEWISE_LASTFM_KEY", "ofthenvironment")
    app = sorted_site.server.workspace.app
    app.settings = load_settings(data_dir=tmp_path)
    assert app.settings.lastfm_key is not None
    assert app.settings.lastfm_key.get_secret_value() == "ofthenvironment"
    refused = sorted_site.client.put("/api/sources", json={"sources": [], "lastfm_key": "another"})
    assert refused.status_code == 409
    assert refused.json()["error"]["message"] == "lastfm_key is set elsewhere."
    assert read_choice(Folder(tmp_path)).sources is None
    page = sorted_site.client.get("/settings").text
    assert "in the environment or in the settings file: change it there" in page
    assert "ofthenvironment" not in page
    assert sorted_site.client.put("/api/sources", json={"sources": []}).json()["fixed"] == ["lastfm_key"]


@pytest.mark.parametrize(
    ("body", "status"),
    [({"lastfm_key": "two words"}, 409), ({"lastfm_key": "k" * 101}, 422), ({"sources": ["spotify"]}, 422)],
    ids=["no key", "too long", "no source"],
)
def test_what_cannot_be_chosen_is_refused(
    sorted_site: Site, tmp_path: Path, body: dict[str, object], status: int
) -> None:
    """And what was typed as a key is not said back."""
    refused = sorted_site.client.put("/api/sources", json=body)
    assert refused.status_code == status
    assert str(body.get("lastfm_key", KEY)) not in refused.text
    assert not (tmp_path / "sources.json").exists()


def test_a_damaged_choice_is_one_clear_error(tmp_path: Path) -> None:
    """With the file's name, and without its content."""
    (tmp_path / "sources.json").write_text(f'{{"lastfm_key": "{KEY}", "more": 1}}')
    with pytest.raises(SettingsError, match=r"sources\.json is damaged") as caught:
        load_settings(data_dir=tmp_path)
    assert KEY not in str(caught.value) + caught.value.hint
    assert Settings(data_dir=tmp_path).lastfm_key is None


def test_forgetting_everything_forgets_the_key(sorted_site: Site, tmp_path: Path) -> None:
    """In the running program and on the disk."""
    sorted_site.client.put("/api/sources", json={"lastfm_key": KEY})
    assert sorted_site.client.post("/api/forget").status_code == 200
    assert sorted_site.server.workspace.app.settings.lastfm_key is None
    assert not (tmp_path / "sources.json").exists()
