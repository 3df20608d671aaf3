"""Calls in the name of an account: the access token goes with each, and is renewed once for all who wait."""

import threading

from cratewise.spotify.auth import Authoriser
from cratewise.spotify.errors import LoginExpired, LoginRequired, ScopeMissing
from cratewise.spotify.request import Answer, Request
from cratewise.spotify.timing import SYSTEM_TIME, Timing
from cratewise.spotify.tokens import Tokens, TokenStore
from cratewise.spotify.transport import Sender

_RENEW_BEFORE_S = 60.0


class Session:
    """The tokens of one account, current for every thread that uses them."""

    def __init__(
        self, store: TokenStore, authoriser: Authoriser, account_id: str | None, timing: Timing = SYSTEM_TIME
    ) -> None:
        """Reads nothing yet.

        Args:
            store: Where the tokens are kept.
            authoriser: Renews them.
            account_id: Whose tokens; `None` means who logged in last.
            timing: The clock.
        """
        self._store = store
        self._authoriser = authoriser
        self._account_id = account_id
        self._timing = timing
        self._lock = threading.Lock()

    def tokens(self) -> Tokens:
        """Tokens that last for the next call. They are read anew each time, so that a login or logout counts at once.

        Raises:
            LoginRequired: Nobody is logged in.
        """
        tokens = self._kept()
        return tokens if self._lasts(tokens) else self.renewed(tokens)

    def renewed(self, spent: Tokens) -> Tokens:
        """Tokens in place of `spent`: of many callers that come with the same, in whatever process, one renews them.

        Raises:
            LoginExpired: The login has come to its end; the tokens are dropped.
        """
        with self._lock, self._store.alone(self._account()):
            kept = self._kept()
            if kept.access_token != spent.access_token and self._lasts(kept):
                return kept
            return self._refreshed(kept)

    def _refreshed(self, kept: Tokens) -> Tokens:
        try:
            tokens = self._authoriser.refresh(kept)
        except LoginExpired:
            if self._store.replace(self._account(), kept, None):
                raise
            return self._kept()  # another process was first, and Spotify takes each refresh token once
        if self._store.replace(self._account(), kept, tokens):
            return tokens
        return self._kept()  # a login or logout meanwhile counts

    def _kept(self) -> Tokens:
        tokens = self._store.load(self._account())
        if tokens is None:
            raise LoginRequired("This account is no longer logged in to Spotify")
        return tokens

    def _account(self) -> str:
        if self._account_id is None:
            self._account_id = next(iter(self._store.accounts()), None)
        if self._account_id is None:
            raise _nobody(self._store)
        return self._account_id

    def _lasts(self, tokens: Tokens) -> bool:
        return self._timing.now_s() < tokens.expires_at_s - _RENEW_BEFORE_S


def check_allowed(store: TokenStore, what: str, scopes: tuple[str, ...]) -> None:
    """Makes sure, before anything is begun, that who logged in last has allowed it; nothing is sent.

    Args:
        store: Where the logins are kept.
        what: What is about to be done, as an error names it.
        scopes: What that needs.

    Raises:
        LoginRequired: Nobody is logged in.
        ScopeMissing: Something was not allowed yet.
    """
    tokens = store.latest()
    if tokens is None:
        raise _nobody(store)
    _check_scopes(tokens, what, scopes)


def _nobody(store: TokenStore) -> LoginRequired:
    if store.has_unreadable():
        return LoginRequired(
            "The login kept on this machine cannot be read: its file, or the key for it, is damaged or gone"
        )
    if store.permissions():
        return LoginRequired("The login at Spotify has ended")
    return LoginRequired("Nobody is logged in to Spotify")


def _check_scopes(tokens: Tokens, what: str, scopes: tuple[str, ...]) -> None:
    missing = tuple(scope for scope in scopes if scope not in tokens.scopes)
    if missing:
        raise ScopeMissing(what, missing)


class TokenSender:
    """Adds the access token, and renews it once when Spotify says it has expired."""

    def __init__(self, sender: Sender, session: Session) -> None:
        self._sender = sender
        self._session = session

    def send(self, request: Request) -> Answer:
        """Sends `request` in the name of the account.

        Raises:
            LoginRequired: Nobody is logged in, or the login has ended.
            ScopeMissing: The person has not allowed what `request` needs; nothing is sent.
        """
        tokens = self._session.tokens()
        _check_scopes(tokens, request.call, request.scopes)
        answer = self._sender.send(request.with_bearer(tokens.access_token))
        if answer.status != 401:
            return answer
        # 401 means the call was not carried out, so that even a write may go again
        return self._sender.send(request.with_bearer(self._session.renewed(tokens).access_token))
