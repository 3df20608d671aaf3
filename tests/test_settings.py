from pathlib import Path

import pytest

from cratewise.errors import SettingsError
from cratewise.settings import load_settings


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file of this test's own, not there yet."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("CRATEWISE_CONFIG", str(path))
    return path


def test_defaults_need_no_file() -> None:
    """Without any setting the web application listens on this machine only, and the library is a file."""
    settings = load_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8765)
    assert settings.library_url == f"sqlite:///{settings.data_dir / 'library.sqlite3'}"


def test_the_nearer_source_wins(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line comes before the environment, the environment before the file, the file before the default."""
    config.write_text("port = 1111\nhost = '::1'\nleast_confidence = 0.7\n")
    monkeypatch.setenv("CRATEWISE_PORT", "2222")
    monkeypatch.setenv("CRATEWISE_HOST", "localhost")
    settings = load_settings(port=3333, host=None)
    assert (settings.port, settings.host, settings.least_confidence) == (3333, "localhost", 0.7)


def test_the_password_of_the_database_never_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's address is usable, and hidden wherever settings are shown."""
    monkeypatch.setenv("CRATEWISE_DATABASE_URL", "postgresql://ada:secret@host/music")
    settings = load_settings()
    assert settings.library_url.endswith("ada:secret@host/music")
    assert "secret" not in f"{settings!r} {settings}"


@pytest.mark.parametrize("where", ["command line", "environment", "file"])
def test_a_wrong_value_is_named_with_its_place(config: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """The error says which setting, where it was set, and what it was set to."""
    if where == "environment":
        monkeypatch.setenv("CRATEWISE_PORT", "70000")
    elif where == "file":
        config.write_text("port = 70000\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(port=70000 if where == "command line" else None)
    place = {"command line": "--port", "environment": "CRATEWISE_PORT", "file": str(config)}[where]
    assert str(caught.value).startswith("port, set ")
    assert place in str(caught.value)
    assert "70000" in str(caught.value)


def test_a_wrong_secret_is_not_shown(config: Path) -> None:
    """An unusable database address is named without its value."""
    config.write_text("database_url = ['hunter2']\n")
    with pytest.raises(SettingsError, match="database_url") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_an_unknown_setting_is_named(config: Path) -> None:
    """A misspelt name in the file is refused with the names there are."""
    config.write_text("prot = 1\n")
    with pytest.raises(SettingsError, match=r"prot, set in .* is not a setting; there are .*port"):
        load_settings()


def test_a_file_that_is_no_toml_is_refused(config: Path) -> None:
    """A settings file with a mistake in its syntax is named with the line."""
    config.write_text("port = \n")
    with pytest.raises(SettingsError, match=r"config.toml is not valid TOML.*line 1"):
        load_settings()


@pytest.mark.parametrize(
    ("given", "is_open"),
    [
        ({}, False),
        ({"host": "::1"}, False),
        ({"host": "localhost"}, False),
        ({"host": "0.0.0.0"}, True),  # noqa: S104 (nothing listens)
        ({"host": "192.168.1.20"}, True),
        ({"public_url": "https://music.example.org"}, True),
    ],
    ids=str,
)
def test_what_other_machines_can_reach_is_known(given: dict[str, str], is_open: bool) -> None:
    """There the pages ask for a passphrase."""
    assert load_settings(**given).is_open == is_open


def test_a_file_in_another_encoding_is_one_clear_error(config: Path) -> None:
    """UTF-16, as some editors write, is named for what it isn't."""
    config.write_bytes("port = 1".encode("utf-16"))
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings()


def test_sources_are_named_in_one_text_or_a_list(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment with commas, in the file as a list; "none" asks nobody."""
    assert load_settings().sources == ("reccobeats", "musicbrainz", "lastfm")
    config.write_text("sources = ['lastfm']\n")
    assert load_settings().sources == ("lastfm",)
    monkeypatch.setenv("CRATEWISE_SOURCES", "MusicBrainz, reccobeats")
    assert load_settings().sources == ("musicbrainz", "reccobeats")
    monkeypatch.setenv("CRATEWISE_SOURCES", "none")
    assert load_settings().sources == ()


def test_an_unknown_source_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt name is shown with those there are."""
    monkeypatch.setenv("CRATEWISE_SOURCES", "musicbrains")
    with pytest.raises(SettingsError, match=r"CRATEWISE_SOURCES.*musicbrains.*'musicbrainz'"):
        load_settings()


def test_the_key_of_lastfm_never_shows(config: Path) -> None:
    """It is usable, and hidden wherever settings or mistakes in them are shown."""
    config.write_text("lastfm_key = 'feedface'\n")
    settings = load_settings()
    assert settings.lastfm_key is not None
    assert settings.lastfm_key.get_secret_value() == "feedface"
    assert "feedface" not in f"{settings!r} {settings}"
    config.write_text("lastfm_key = ['feedface']\n")
    with pytest.raises(SettingsError, match="lastfm_key") as caught:
        load_settings()
    assert "feedface" not in str(caught.value)


@pytest.mark.parametrize("contact", ["ada@example.org\nX-Evil: 1", "ada (me)", "jürgen@example.org", "a" * 201])
def test_a_contact_fits_into_a_header(contact: str) -> None:
    """What isn't plain enough for the header that names the program is refused."""
    with pytest.raises(SettingsError, match="contact"):
        load_settings(contact=contact)


@pytest.mark.parametrize("address", ["http://[::1", "https://x:y/", "http://\x00", "https://", "ftp://x"])
def test_an_address_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str) -> None:
    """Before anything is sent there."""
    with pytest.raises(SettingsError, match="on the command line"):
        load_settings(spotify_api_url=address)
