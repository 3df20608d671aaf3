"""Tokens are encrypted, readable by their owner alone, and never shown."""

import os
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from cratewise.errors import DataFileError, SpotifyError
from cratewise.spotify.auth import PendingLogin
from cratewise.spotify.bearer import check_allowed
from cratewise.spotify.connect import kept_in
from cratewise.spotify.errors import LoginRequired
from cratewise.spotify.request import Answer, Request
from cratewise.spotify.tokens import TokenStore

from .conftest import ACCOUNT, make_tokens

SECRETS = ("access-1", "refresh-1")


def test_tokens_come_back_as_they_were_kept(store: TokenStore, tmp_path: Path) -> None:
    """Another store over the same folder reads them, each account by itself, the latest login first."""
    store.save("a", make_tokens())
    store.save("b", make_tokens(access_token="other", authorised_at_s=make_tokens().authorised_at_s + 1))
    again = kept_in(tmp_path).logins
    assert again.load("a") == make_tokens()
    assert again.accounts() == ("b", "a")
    again.forget("b")
    assert (store.load("b"), store.accounts()) == (None, ("a",))


def test_nothing_readable_is_on_disk(store: TokenStore, tmp_path: Path) -> None:
    """No file holds a token in the clear, and the files with secrets are for their owner alone."""
    store.save(ACCOUNT, make_tokens())
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".login", ".key"}
    for path in files:
        assert not any(secret.encode() in path.read_bytes() for secret in SECRETS)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "logins").stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="file modes are a matter of POSIX systems")
def test_a_key_that_others_can_read_is_closed_to_them(store: TokenStore, tmp_path: Path) -> None:
    """A copied or restored key file gets its mode back."""
    store.save(ACCOUNT, make_tokens())
    (tmp_path / "logins.key").chmod(0o644)
    assert store.load(ACCOUNT) == make_tokens()
    assert stat.S_IMODE((tmp_path / "logins.key").stat().st_mode) == 0o600


def test_a_lost_key_means_logging_in_again(store: TokenStore, tmp_path: Path) -> None:
    """Tokens that can't be decrypted, or are damaged, count as no login; a new login mends it."""
    store.save(ACCOUNT, make_tokens())
    (tmp_path / "logins.key").write_bytes(Fernet.generate_key())
    assert (store.load(ACCOUNT), store.accounts()) == (None, ())
    store.save(ACCOUNT, make_tokens())
    assert store.load(ACCOUNT) == make_tokens()
    next((tmp_path / "logins").glob("*.login")).write_bytes(b"rubbish")
    assert store.load(ACCOUNT) is None
    assert store.forget_all() == 1


def test_a_damaged_key_says_what_to_do(store: TokenStore, tmp_path: Path) -> None:
    """The error names the file to delete."""
    store.save(ACCOUNT, make_tokens())
    (tmp_path / "logins.key").write_bytes(b"not a key")
    with pytest.raises(SpotifyError, match="damaged") as raised:
        store.load(ACCOUNT)
    assert "logins.key" in raised.value.hint


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A file in the place of the folder is met with a message that names the path."""
    (tmp_path / "logins").write_text("in the way")
    with pytest.raises(DataFileError, match="logins"):
        kept_in(tmp_path).logins.save(ACCOUNT, make_tokens())


def test_no_repr_shows_a_secret() -> None:
    """Tokens, requests, answers and begun logins can be printed."""
    pending = PendingLogin("my-app", "http://127.0.0.1:8765/callback", ())
    request = Request("POST", "/api/token", form={"refresh_token": "refresh-1"}).with_bearer("access-1")
    shown = repr((make_tokens(), request, Answer(200, {}, b"access-1 refresh-1"), pending))
    assert "my-app" in shown
    assert not any(secret in shown for secret in (*SECRETS, pending.verifier, pending.state))


def test_a_login_that_cannot_be_deleted_is_said_and_the_others_are(store: TokenStore, tmp_path: Path) -> None:
    """A folder stands in the place of one."""
    store.save("ada", make_tokens())
    blocked = tmp_path / "logins" / "0.login"
    (blocked / "inside").mkdir(parents=True)
    with pytest.raises(DataFileError, match=r"0\.login cannot be deleted"):
        store.forget_all()
    assert [path.name for path in (tmp_path / "logins").glob("*.login")] == ["0.login"]


def test_a_damaged_login_is_not_the_same_as_none(store: TokenStore, tmp_path: Path) -> None:
    """What is wrong is said; so is that a login has ended, and that nobody ever logged in."""
    with pytest.raises(LoginRequired, match="Nobody is logged in"):
        check_allowed(store, "reading", ())
    store.save("ada", make_tokens())
    (path,) = (tmp_path / "logins").glob("*.login")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(LoginRequired, match="cannot be read: its file, or the key for it, is damaged"):
        check_allowed(store, "reading", ())
    store.forget("ada")
    with pytest.raises(LoginRequired, match="has ended"):
        check_allowed(store, "reading", ())
    store.forget_all()
    with pytest.raises(LoginRequired, match="Nobody is logged in"):
        check_allowed(store, "reading", ())
