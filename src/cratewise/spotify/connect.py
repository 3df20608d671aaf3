"""Wires the parts of this room: addresses in, a client or the logins out. Nothing is sent before it is used."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from cratewise.drawer import Folder
from cratewise.spotify.auth import Authoriser
from cratewise.spotify.bearer import Session, TokenSender
from cratewise.spotify.budget import CallFile, CallLog, CountingSender
from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.keys import KeyFile, KeyringOrFile
from cratewise.spotify.login import Logins
from cratewise.spotify.quota import KeptQuota, QuotaSender, stop_ends_at_s
from cratewise.spotify.retry import Hold, RetrySender
from cratewise.spotify.timing import SYSTEM_TIME, Timing
from cratewise.spotify.tokens import TokenStore
from cratewise.spotify.trace import LoggingSender
from cratewise.spotify.transport import HttpSender

API_URL = "https://api.spotify.com/v1"
ACCOUNTS_URL = "https://accounts.spotify.com"


class Spending(TypedDict):
    """What calls have come to.

    Attributes:
        used: Calls made in the last 24 hours.
        stopped_until: When the quota stop ends (UTC), `None` when none lasts.
    """

    used: int
    stopped_until: datetime | None


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where Spotify (or the sandbox) is.

    Attributes:
        api_url: Start of the Web API's addresses.
        accounts_url: Start of the accounts service's addresses.
    """

    api_url: str = API_URL
    accounts_url: str = ACCOUNTS_URL


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of logins and calls, and where.

    Attributes:
        logins: The logins.
        calls: When calls were made.
        quota: When the last quota stop ends.
        hold: Until when Spotify asked to wait, for all who share it; `None` where each client waits for itself.
        timing: The clock by which all of it is dated.
    """

    logins: TokenStore
    calls: CallLog
    quota: KeptQuota
    hold: Hold | None = None
    timing: Timing = SYSTEM_TIME

    def spending(self, timing: Timing | None = None) -> Spending:
        """How many calls were made in the last 24 hours, and whether a quota stop lasts."""
        now_s = (timing or self.timing).now_s()
        ends_at_s = stop_ends_at_s(self.quota, now_s)
        stopped_until = None if ends_at_s is None else datetime.fromtimestamp(ends_at_s, UTC)
        return {"used": self.calls.count(now_s), "stopped_until": stopped_until}


def kept_in(data_dir: Path, *, use_keyring: bool = False) -> Kept:
    """What is kept in a data folder.

    Args:
        data_dir: The folder.
        use_keyring: Whether the key of the logins may be in the system's keyring, or only in a file of the folder.
    """
    file = KeyFile(data_dir / "logins.key")
    keys = KeyringOrFile(file, str(data_dir.absolute())) if use_keyring else file
    logins = TokenStore(Folder(data_dir / "logins"), keys)
    return Kept(logins, CallFile(data_dir / "spotify-calls.log"), KeptQuota(Folder(data_dir)))


def connect(
    kept: Kept,
    addresses: Addresses | None = None,
    *,
    account_id: str | None = None,
    timing: Timing | None = None,
) -> SpotifyClient:
    """A client for an account that is logged in; close it after use.

    Args:
        kept: The logins and the state of the quota.
        addresses: Where Spotify is.
        account_id: Which account; `None` means who logged in last. That nobody is logged in shows at the first call.
        timing: The clock; that of what is kept by default.
    """
    addresses, timing = addresses or Addresses(), timing or kept.timing
    api, accounts = HttpSender(addresses.api_url), HttpSender(addresses.accounts_url)
    authoriser = Authoriser(RetrySender(LoggingSender(accounts, timing), timing), timing)
    session = Session(kept.logins, authoriser, account_id, timing)
    # the quota is looked at before each attempt, and before a token is renewed for it
    counted = CountingSender(LoggingSender(api, timing), kept.calls, timing)
    sender = RetrySender(QuotaSender(TokenSender(counted, session), kept.quota, timing), timing, hold=kept.hold)
    return SpotifyClient(sender, _closing(api, accounts), timing)


def logins(kept: Kept, addresses: Addresses | None = None, *, timing: Timing | None = None) -> Logins:
    """Logging in and out of the accounts that are kept there; close it after use. The arguments are `connect`'s."""
    addresses, timing = addresses or Addresses(), timing or kept.timing
    api, accounts = HttpSender(addresses.api_url), HttpSender(addresses.accounts_url)
    counted = CountingSender(LoggingSender(api, timing), kept.calls, timing)
    return Logins(
        store=kept.logins,
        authoriser=Authoriser(RetrySender(LoggingSender(accounts, timing), timing), timing),
        api=RetrySender(QuotaSender(counted, kept.quota, timing), timing, hold=kept.hold),
        accounts_url=addresses.accounts_url,
        close=_closing(api, accounts),
    )


def _closing(*senders: HttpSender) -> Callable[[], None]:
    def close() -> None:
        for sender in senders:
            sender.close()

    return close
