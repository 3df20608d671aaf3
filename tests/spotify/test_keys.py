"""The key of the logins: in the system's keyring where there is one, else in a file of its owner."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from cryptography.fernet import Fernet
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked, PasswordSetError

from cratewise.errors import SpotifyError
from cratewise.spotify.connect import kept_in
from cratewise.spotify.keys import SERVICE, KeyFile, KeyringOrFile, KeyringUnreadable
from cratewise.spotify.tokens import TokenStore

from .conftest import ACCOUNT, make_tokens


class MemoryKeyring(KeyringBackend):
    """A keyring that forgets at the end of a test; `trouble` is raised at each use."""

    priority = 5  # type: ignore[assignment] # the base class has a property of the class here

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.asked = 0
        self.trouble: Callable[[], object] = lambda: None

    def get_password(self, service: str, username: str) -> str | None:
        """What was kept."""
        self.asked += 1
        self.trouble()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keeps it."""
        self.trouble()
        self.kept[service, username] = password


class PlainKeyring(MemoryKeyring):
    """Keeps passwords in the clear, and says so with a low priority as keyrings.alt does."""

    priority = 0.5  # type: ignore[assignment] # as above


class ForgetfulKeyring(MemoryKeyring):
    """Takes passwords and keeps none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Forgets it."""


@pytest.fixture(autouse=True)
def system() -> Iterator[MemoryKeyring]:
    """The system's keyring, in memory."""
    before = keyring.get_keyring()
    memory = MemoryKeyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture
def logins(tmp_path: Path) -> TokenStore:
    """The logins of an empty folder."""
    return kept_in(tmp_path, use_keyring=True).logins


def fails(failure: Exception) -> Callable[[], object]:
    """Raises that."""

    def trouble() -> object:
        raise failure

    return trouble


def test_the_key_is_in_the_keyring_and_nowhere_else(logins: TokenStore, system: MemoryKeyring, tmp_path: Path) -> None:
    """No key file is made, another start reads the login, and it is asked once for many readings."""
    logins.save(ACCOUNT, make_tokens())
    key = system.kept[SERVICE, str(tmp_path)]
    assert not (tmp_path / "logins.key").exists()
    assert not any(key.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    again = kept_in(tmp_path, use_keyring=True).logins
    system.asked = 0
    assert [again.load(ACCOUNT) for _ in range(3)] == [make_tokens()] * 3
    assert system.asked == 1


def test_two_data_folders_have_keys_of_their_own(logins: TokenStore, system: MemoryKeyring, tmp_path: Path) -> None:
    """What one writes the other can't read."""
    logins.save(ACCOUNT, make_tokens())
    kept_in(tmp_path / "other", use_keyring=True).logins.save(ACCOUNT, make_tokens())
    assert len(set(system.kept.values())) == 2


def test_a_key_file_that_is_there_goes_on_being_used(logins: TokenStore, system: MemoryKeyring, tmp_path: Path) -> None:
    """A login that an older version kept stays, and the keyring isn't even asked."""
    kept_in(tmp_path).logins.save(ACCOUNT, make_tokens())
    assert logins.load(ACCOUNT) == make_tokens()
    logins.save("another", make_tokens())
    assert (system.kept, system.asked) == ({}, 0)


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, PlainKeyring, ForgetfulKeyring])
def test_what_is_no_keyring_to_trust_leaves_the_key_in_the_file(
    backend: type[KeyringBackend], logins: TokenStore, tmp_path: Path
) -> None:
    """None at all, one that forgets, one in plain text: the file that only its owner can read is better."""
    keyring.set_keyring(backend())
    logins.save(ACCOUNT, make_tokens())
    assert (tmp_path / "logins.key").exists()
    assert logins.load(ACCOUNT) == make_tokens()
    if isinstance(keyring.get_keyring(), PlainKeyring):
        assert keyring.get_password(SERVICE, str(tmp_path)) is None


@pytest.mark.parametrize(
    "failure", [PasswordSetError("no"), KeyringLocked("locked"), OSError("no bus"), TypeError("?")]
)
def test_a_keyring_that_fails_leaves_the_key_in_the_file(
    failure: Exception, logins: TokenStore, system: MemoryKeyring, tmp_path: Path
) -> None:
    """Whatever a backend raises, the login is kept."""
    system.trouble = fails(failure)
    logins.save(ACCOUNT, make_tokens())
    assert (tmp_path / "logins.key").exists()
    assert logins.load(ACCOUNT) == make_tokens()


def test_a_locked_keyring_loses_nothing(logins: TokenStore, system: MemoryKeyring, tmp_path: Path) -> None:
    """It says so, makes no other key, and the login is there again once it is unlocked."""
    logins.save(ACCOUNT, make_tokens())
    later = kept_in(tmp_path, use_keyring=True).logins
    system.trouble = fails(KeyringLocked("secret of the backend"))
    with pytest.raises(KeyringUnreadable, match="KeyringLocked") as raised:
        later.load(ACCOUNT)
    assert "Unlock it" in raised.value.hint
    assert "secret" not in str(raised.value)
    assert not (tmp_path / "logins.key").exists()
    system.trouble = lambda: None
    assert later.load(ACCOUNT) == make_tokens()


def test_who_logs_in_again_while_it_is_locked_can_work(
    logins: TokenStore, system: MemoryKeyring, tmp_path: Path
) -> None:
    """The new login's key goes into the file; what is under the old key is read again once the keyring is unlocked."""
    logins.save(ACCOUNT, make_tokens())
    later = kept_in(tmp_path, use_keyring=True).logins
    system.trouble = fails(KeyringLocked("locked"))
    later.save("another", make_tokens(access_token="new"))
    assert later.load("another") == make_tokens(access_token="new")
    system.trouble = lambda: None
    assert later.load(ACCOUNT) == make_tokens()


def test_a_keyring_that_never_answers_is_not_waited_for(system: MemoryKeyring, tmp_path: Path) -> None:
    """One that waits for a password on a screen nobody sees must not hold the program up."""
    let_go = threading.Event()
    system.trouble = lambda: let_go.wait(30)
    key = KeyringOrFile(KeyFile(tmp_path / "logins.key"), "me", patience_s=0.2).key()
    let_go.set()
    assert (tmp_path / "logins.key").read_bytes() == key


def test_a_damaged_entry_says_what_to_do(logins: TokenStore, system: MemoryKeyring, tmp_path: Path) -> None:
    """A key that is none is met with the name of the entry."""
    logins.save(ACCOUNT, make_tokens())
    system.kept[SERVICE, str(tmp_path)] = "no key"
    with pytest.raises(SpotifyError, match="damaged") as raised:
        kept_in(tmp_path, use_keyring=True).logins.load(ACCOUNT)
    assert "“cratewise”" in raised.value.hint


def test_keys_are_never_shown(logins: TokenStore, system: MemoryKeyring) -> None:
    """Not in the repr of anything that holds one."""
    logins.save(ACCOUNT, make_tokens())
    (key,) = system.kept.values()
    assert Fernet(key)
    assert key not in repr((logins, vars(logins)))


def test_nobody_who_needs_no_key_loads_the_library(tmp_path: Path) -> None:
    """Making a client imports no keyring; nor does a folder without logins."""
    program = (
        "import sys; from pathlib import Path; from cratewise.spotify.connect import connect, kept_in\n"
        "folder = Path(sys.argv[1]); connect(kept_in(folder, use_keyring=True)).close()\n"
        "assert kept_in(folder, use_keyring=True).logins.accounts() == ()\n"
        "assert 'keyring' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, timeout=60)
