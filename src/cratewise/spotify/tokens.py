"""The tokens of a login, and how they are kept: encrypted, with the key elsewhere (see `keys`)."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from cratewise.drawer import Drawer
from cratewise.errors import CratewiseError, SpotifyError
from cratewise.spotify.cipher import Cipher
from cratewise.spotify.keys import KeyStore


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a login gave. Neither `repr` nor an error ever shows the tokens themselves.

    Attributes:
        access_token: Goes with each call, for about an hour.
        refresh_token: Gives the next access token, for six months from `authorised_at_s`.
        expires_at_s: When the access token ends, in seconds since 1970.
        scopes: What the person allowed.
        client_id: The app the tokens were given to; only it can refresh them.
        authorised_at_s: When the person logged in, in seconds since 1970.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at_s: float
    scopes: tuple[str, ...]
    client_id: str
    authorised_at_s: float


@dataclass(frozen=True, slots=True)
class _Login:
    account_id: str
    tokens: Tokens


_LONGEST_RENEWAL_S = 180.0  # with all its attempts, and the waits between them

_LOGIN = TypeAdapter(_Login)


_ENDING = ".login"
_CLIENT_ID, _PERMISSIONS = "client-id", "permissions"


class TokenStore:
    """Keeps the logins of one drawer, each account's encrypted by itself.

    Args:
        drawer: Where they are kept.
        keys: Where the key is.
    """

    def __init__(self, drawer: Drawer, keys: KeyStore) -> None:
        self._drawer = drawer
        self._cipher = Cipher(keys)

    def client_id(self) -> str:
        """The app that somebody logged in to last, also after that login has ended; empty when there was none."""
        return (self._drawer.read(_CLIENT_ID) or b"").decode("utf-8", "replace")

    def permissions(self) -> tuple[str, ...]:
        """What somebody allowed last, also after that login has ended; so that nobody is asked for the same twice."""
        return tuple((self._drawer.read(_PERMISSIONS) or b"").decode("utf-8", "replace").split())

    def load(self, account_id: str) -> Tokens | None:
        """The account's tokens; `None` when it is not logged in, or the key or the file is not what it was.

        Raises:
            KeyringUnreadable: The key is in a keyring that cannot be read now.
        """
        login = self._read(_name(account_id))
        return login.tokens if login else None

    def save(self, account_id: str, tokens: Tokens) -> None:
        """Keeps the account's tokens in place of the ones before.

        Raises:
            CratewiseError: They cannot be written.
        """
        self._drawer.write(_name(account_id), self._encrypted(_Login(account_id, tokens)))
        if self.client_id() != tokens.client_id:
            self._drawer.write(_CLIENT_ID, tokens.client_id.encode())
        if self.permissions() != tokens.scopes:
            self._drawer.write(_PERMISSIONS, " ".join(tokens.scopes).encode())

    def replace(self, account_id: str, spent: Tokens, tokens: Tokens | None) -> bool:
        """Keeps tokens in the place of those they were renewed from, or none once those have come to their end.

        Returns:
            Whether it did; a login or logout meanwhile counts, and nothing is kept then.

        Raises:
            CratewiseError: They cannot be written.
        """
        name = _name(account_id)
        allowed = self._drawer.read(_PERMISSIONS)  # before: once somebody logs out, nothing of this is kept either
        kept = self._drawer.read(name)
        login = None if kept is None else self._decrypted(kept)
        if login is None or login.tokens != spent:
            return False
        content = None if tokens is None else self._encrypted(_Login(account_id, tokens))
        if not self._drawer.replace(name, kept, content):
            return False
        if tokens is not None and allowed is not None and tokens.scopes != spent.scopes:
            self._drawer.replace(_PERMISSIONS, allowed, " ".join(tokens.scopes).encode())
        return True

    @contextmanager
    def alone(self, account_id: str) -> Iterator[None]:
        """Holds other processes back while an account's tokens are renewed: Spotify takes each refresh token once.

        Raises:
            SpotifyError: Another process holds on to them.
            CratewiseError: Where they are kept cannot be written.
        """
        with ExitStack() as held:
            try:
                held.enter_context(self._drawer.alone(_name(account_id), _LONGEST_RENEWAL_S))
            except TimeoutError as failure:
                raise SpotifyError(
                    "another cratewise has been renewing this login for minutes", hint="Stop that one, and try again."
                ) from failure
            yield

    def forget(self, account_id: str) -> None:
        """Deletes the account's tokens, if there are any."""
        self._drawer.delete(_name(account_id))

    def forget_all(self, *, with_app: bool = False) -> int:
        """Deletes the tokens of every account, also those that can no longer be read; gives how many there were.

        What was allowed is forgotten, too; the app's id is kept for the next login, unless `with_app`.

        Raises:
            CratewiseError: One cannot be deleted; the others are.
        """
        logins = self._names()
        stuck: CratewiseError | None = None
        for name in (_PERMISSIONS, *logins, *((_CLIENT_ID,) if with_app else ())):
            try:
                self._drawer.delete(name)
            except CratewiseError as failure:
                stuck = stuck or failure
        if stuck is not None:
            raise stuck
        return len(logins)

    def has_unreadable(self) -> bool:
        """Whether a login is kept that cannot be read any more."""
        return any(self._read(name) is None for name in self._names())

    def accounts(self) -> tuple[str, ...]:
        """The accounts that are logged in, the latest login first."""
        return tuple(login.account_id for login in self._logins())

    def latest(self) -> Tokens | None:
        """The tokens of who logged in last; `None` when nobody is logged in."""
        return next((login.tokens for login in self._logins()), None)

    def _logins(self) -> list[_Login]:
        logins = [login for name in self._names() if (login := self._read(name))]
        return sorted(logins, key=lambda login: login.tokens.authorised_at_s, reverse=True)

    def _names(self) -> tuple[str, ...]:
        return tuple(name for name in self._drawer.names() if name.endswith(_ENDING))

    def _read(self, name: str) -> _Login | None:
        encrypted = self._drawer.read(name)
        return None if encrypted is None else self._decrypted(encrypted)

    def _encrypted(self, login: _Login) -> bytes:
        return self._cipher.encrypted(_LOGIN.dump_json(login))

    def _decrypted(self, encrypted: bytes) -> _Login | None:
        content = self._cipher.decrypted(encrypted)
        try:
            return None if content is None else _LOGIN.validate_json(content)
        except ValidationError:
            return None


def _name(account_id: str) -> str:
    return f"{hashlib.sha256(account_id.encode()).hexdigest()[:32]}{_ENDING}"
