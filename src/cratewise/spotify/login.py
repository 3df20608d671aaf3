"""Logging an account in and out: what the command line and the web page have in common."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from cratewise.spotify.answers import perform
from cratewise.spotify.auth import Authoriser, PendingLogin
from cratewise.spotify.endpoints.profile import current_user
from cratewise.spotify.errors import LoginExpired, LoginFailed
from cratewise.spotify.scopes import READING, SORTING
from cratewise.spotify.tokens import Tokens, TokenStore
from cratewise.spotify.transport import Sender
from cratewise.spotify.values import User

DASHBOARD = "https://developer.spotify.com/dashboard"


class Logins:
    """Begins and finishes logins, and forgets them."""

    def __init__(
        self,
        store: TokenStore,
        authoriser: Authoriser,
        api: Sender,
        accounts_url: str,
        close: Callable[[], None],
    ) -> None:
        """Sends nothing yet.

        Args:
            store: Where the tokens are kept.
            authoriser: Speaks with the token endpoint.
            api: Sends to the Web API, without tokens of its own.
            accounts_url: Address of Spotify's accounts service.
            close: Closes the connections.
        """
        self._store = store
        self._authoriser = authoriser
        self._api = api
        self._accounts_url = accounts_url
        self._close = close

    def begin(self, client_id: str, redirect_uri: str, scopes: tuple[str, ...] = READING) -> tuple[PendingLogin, str]:
        """Begins a login.

        Args:
            client_id: The app's; empty means the one used last.
            redirect_uri: Where the person comes back to, as it stands in Spotify's dashboard.
            scopes: What to ask for; what was allowed before is asked for again, so that no new login takes it away.

        Returns:
            What must be kept until the person comes back, and the address to send the person to.

        Raises:
            LoginFailed: Spotify would refuse the client id or the redirect URI.
        """
        app = client_id.strip() or self.client_id()
        if app != self.client_id() or not app:
            _check_client_id(app)
        check_redirect_uri(redirect_uri)
        wanted = {*scopes, *self._store.permissions()}
        pending = PendingLogin(app, redirect_uri, tuple(scope for scope in SORTING if scope in wanted))
        return pending, pending.authorise_url(self._accounts_url)

    def finish(self, pending: PendingLogin, query: Mapping[str, str]) -> User:
        """Finishes a login with the query the person came back with, and keeps its tokens.

        Raises:
            LoginFailed: The person declined, or the answer does not belong to this login.
            Forbidden: The app may not serve this account.
            SpotifyError: Another call failed.
        """
        user, tokens = self.answered(pending, query)
        self._store.save(user.account_id, tokens)
        return user

    @contextmanager
    def keeping(self, account_id: str, tokens: Tokens, turn: AbstractContextManager[None]) -> Iterator[None]:
        """Keeps the tokens of a login in one turn with what the block writes: all of it, or nothing.

        Unless those that are kept allow more and still work: no login takes away. For a host, where which account a
        login is for shows only at its end: it may ask for less than that account has allowed.

        Args:
            account_id: The account.
            tokens: Its tokens.
            turn: Makes one transaction of what is written in it.

        Raises:
            SpotifyError: Whether those that are kept work cannot be told now; they stay, and the block is not begun.
        """
        with self._store.alone(account_id):
            better = self._better(account_id, tokens)
            with turn:
                yield
                if better is None or self._store.load(account_id) != better:  # somebody logged out meanwhile
                    self._store.save(account_id, tokens)

    def _better(self, account_id: str, tokens: Tokens) -> Tokens | None:
        """The tokens that are kept, renewed, where they allow more than these."""
        kept = self._store.load(account_id)
        if kept is None or not set(kept.scopes) > set(tokens.scopes):
            return None
        try:
            renewed = self._authoriser.refresh(kept)
        except LoginExpired:
            return None
        return renewed if self._store.replace(account_id, kept, renewed) else None

    def answered(self, pending: PendingLogin, query: Mapping[str, str]) -> tuple[User, Tokens]:
        """The account and the tokens that a login gives, which are kept nowhere yet.

        Raises:
            LoginFailed: The person declined, or the answer does not belong to this login.
            Forbidden: The app may not serve this account.
            SpotifyError: Another call failed.
        """
        tokens = self._authoriser.exchange(pending, code_from(pending, query))
        return self._owner_of(tokens), tokens

    def adopt(self, tokens: Tokens) -> User:
        """Keeps tokens under the account they belong to, which is asked for.

        Raises:
            SpotifyError: Spotify does not say whose tokens they are, or they cannot be kept.
        """
        user = self._owner_of(tokens)
        self._store.save(user.account_id, tokens)
        return user

    def _owner_of(self, tokens: Tokens) -> User:
        call = current_user()
        return perform(self._api, replace(call, request=call.request.with_bearer(tokens.access_token)))

    def client_id(self) -> str:
        """The app that somebody logged in to last; empty when there was none."""
        return self._store.client_id()

    def accounts(self) -> tuple[str, ...]:
        """The accounts that are logged in, the latest first."""
        return self._store.accounts()

    def allowed(self) -> tuple[str, ...] | None:
        """What who logged in last has allowed; `None` when nobody is logged in."""
        tokens = self._store.latest()
        return tokens.scopes if tokens else None

    def forget(self, account_id: str) -> None:
        """Forgets the tokens of an account; nothing is said to Spotify."""
        self._store.forget(account_id)

    def forget_all(self, *, with_app: bool = False) -> int:
        """Forgets the tokens of every account; gives how many there were. Nothing is said to Spotify.

        The app's id is kept for the next login, unless `with_app`.
        """
        return self._store.forget_all(with_app=with_app)

    def close(self) -> None:
        """Closes the connections."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def code_from(pending: PendingLogin, query: Mapping[str, str]) -> str:
    """The code in what Spotify sent the person back with.

    Raises:
        LoginFailed: There is none, or it does not belong to this login.
    """
    if not pending.is_answered_by(query):
        raise LoginFailed(
            "this answer does not belong to the login that was begun last",
            hint="Close all pages of older attempts and log in again.",
        )
    error = query.get("error")
    if error == "access_denied":
        what = "write playlists" if set(pending.scopes) - set(READING) else "use your account"
        raise LoginFailed(
            f"you did not allow cratewise to {what}",
            hint="Log in again and choose Agree. Nothing is written before you have seen what would be written.",
        )
    if error:
        raise LoginFailed(
            f"Spotify answered {error[:80]!r}", hint="Log in again; if it stays, look at your app's settings."
        )
    code = query.get("code")
    if not code:
        raise LoginFailed("Spotify sent you back without a code", hint="Log in again.")
    return code


def check_redirect_uri(redirect_uri: str) -> None:
    """Refuses what Spotify refuses since 2025.

    Raises:
        LoginFailed: It is neither https nor http on a loopback address written as a number.
    """
    parts = urlsplit(redirect_uri)
    loopback = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1"}
    if not (loopback or parts.scheme == "https"):
        raise LoginFailed(
            f"Spotify does not take the redirect URI {redirect_uri!r}",
            hint="Use http://127.0.0.1:PORT/callback (not localhost), or https for a host name.",
        )


def _check_client_id(client_id: str) -> None:
    if not client_id:
        raise LoginFailed(
            "the client id of your Spotify app is not known",
            hint=f"Make an app on {DASHBOARD} (`cratewise login --help` says how), then run "
            "`cratewise login --client-id ID` or set CRATEWISE_SPOTIFY_CLIENT_ID.",
        )
    if not re.fullmatch(r"[0-9a-fA-F]{32}", client_id):
        raise LoginFailed(
            f"{client_id[:80]!r} is not a client id: one has 32 characters, each a digit or a letter from a to f",
            hint=f"Open your app on {DASHBOARD}, and copy its “Client ID” with the button beside it (not the client "
            "secret, and not the app's name).",
        )
