"""Wires the parts of this room: addresses in, a client or the logins out. Nothing is sent before it is used."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from cratewise.spotify.auth import Authoriser
from cratewise.spotify.bearer import Session, TokenSender
from cratewise.spotify.budget import CallLog, CountingSender
from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.keys import KeyFile, KeyringOrFile
from cratewise.spotify.login import Logins
from cratewise.spotify.quota import QuotaFile, QuotaSender, stop_ends_at_s
from cratewise.spotify.retry import RetrySender
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


def connect(
    data_dir: Path,
    addresses: Addresses | None = None,
    *,
    account_id: str | None = None,
    timing: Timing = SYSTEM_TIME,
    use_keyring: bool = False,
) -> SpotifyClient:
    """A client for an account that is logged in; close it after use.

    Args:
        data_dir: Folder with the logins and the state of the quota.
        addresses: Where Spotify is.
        account_id: Which account; `None` means who logged in last. That nobody is logged in shows at the first call.
        timing: The clock.
        use_keyring: Whether the key of the logins may be in the system's keyring.
    """
    addresses = addresses or Addresses()
    api, accounts = HttpSender(addresses.api_url), HttpSender(addresses.accounts_url)
    authoriser = Authoriser(RetrySender(LoggingSender(accounts, timing), timing), timing)
    session = Session(token_store(data_dir, use_keyring=use_keyring), authoriser, account_id, timing)
    # the quota is looked at before each attempt, and before a token is renewed for it
    counted = CountingSender(LoggingSender(api, timing), call_log(data_dir), timing)
    sender = RetrySender(QuotaSender(TokenSender(counted, session), quota_file(data_dir), timing), timing)
    return SpotifyClient(sender, _closing(api, accounts), timing)


def logins(
    data_dir: Path, addresses: Addresses | None = None, *, timing: Timing = SYSTEM_TIME, use_keyring: bool = False
) -> Logins:
    """Logging in and out of the accounts of one data folder; close it after use. The arguments are `connect`'s."""
    addresses = addresses or Addresses()
    api, accounts = HttpSender(addresses.api_url), HttpSender(addresses.accounts_url)
    counted = CountingSender(LoggingSender(api, timing), call_log(data_dir), timing)
    return Logins(
        store=token_store(data_dir, use_keyring=use_keyring),
        authoriser=Authoriser(RetrySender(LoggingSender(accounts, timing), timing), timing),
        api=RetrySender(QuotaSender(counted, quota_file(data_dir), timing), timing),
        accounts_url=addresses.accounts_url,
        close=_closing(api, accounts),
    )


def token_store(data_dir: Path, *, use_keyring: bool = False) -> TokenStore:
    """Where the logins of a data folder are kept.

    Args:
        data_dir: The folder.
        use_keyring: Whether the key may be kept in the system's keyring, or only in a file of the folder.
    """
    file = KeyFile(data_dir / "logins.key")
    return TokenStore(data_dir / "logins", KeyringOrFile(file, str(data_dir.absolute())) if use_keyring else file)


def _closing(*senders: HttpSender) -> Callable[[], None]:
    def close() -> None:
        for sender in senders:
            sender.close()

    return close


def call_log(data_dir: Path) -> CallLog:
    """When calls were made from a data folder."""
    return CallLog(data_dir / "spotify-calls.log")


def spending(data_dir: Path, *, timing: Timing = SYSTEM_TIME) -> Spending:
    """How many calls were made from a data folder in the last 24 hours, and whether a quota stop lasts."""
    now_s = timing.now_s()
    ends_at_s = stop_ends_at_s(quota_file(data_dir), now_s)
    stopped_until = None if ends_at_s is None else datetime.fromtimestamp(ends_at_s, UTC)
    return {"used": call_log(data_dir).count(now_s), "stopped_until": stopped_until}


def quota_file(data_dir: Path) -> QuotaFile:
    """When the last quota stop of a data folder ends."""
    return QuotaFile(data_dir / "spotify-quota.json")
