"""What can go wrong between this program and Spotify, each with what to do about it."""

# ruff: noqa: N818 - the names say what happened, as those of HTTP do: `NotFound`, `Forbidden`, `LoginRequired`

from datetime import UTC, datetime
from enum import StrEnum

from cratewise.errors import SpotifyError

LOG_IN_AGAIN = "Run `cratewise login`. Everything in your library is kept."


class LoginRequired(SpotifyError):
    """Nobody is logged in, or Spotify no longer accepts the login."""

    def __init__(self, message: str, *, hint: str = LOG_IN_AGAIN) -> None:
        super().__init__(message, hint=hint)


class LoginExpired(LoginRequired):
    """The refresh token has come to its end (Spotify lets it live for six months) or was revoked."""


class ScopeMissing(LoginRequired):
    """The person has not yet allowed what a call needs; asking for it costs one visit to Spotify's page.

    Attributes:
        scopes: What is missing; empty when Spotify did not say.
    """

    def __init__(self, call: str, scopes: tuple[str, ...] = ()) -> None:
        named = f": {', '.join(scopes)}" if scopes else ""
        super().__init__(
            f"{call} needs a permission that has not been given{named}",
            hint="Run `cratewise login --writing`: Spotify asks for it, and everything is kept. Then repeat this.",
        )
        self.scopes = scopes


class LoginFailed(SpotifyError):
    """An attempt to log in came to nothing."""


class CallFailed(SpotifyError):
    """One call failed.

    Attributes:
        call: The call, as "POST /me/playlists".
        maybe_carried_out: True when a write may have been carried out all the same: look before sending it again.
    """

    def __init__(self, call: str, message: str, *, hint: str = "", maybe_carried_out: bool = False) -> None:
        super().__init__(f"{call}: {message}", hint=hint)
        self.call = call
        self.maybe_carried_out = maybe_carried_out


class Unreachable(CallFailed):
    """No answer came: no connection, a connection that broke, or none in time."""

    headline = "Spotify cannot be reached"


class ClockOff(CallFailed):
    """No connection, since Spotify's certificate counts as expired or as one of the future by this machine's clock."""

    headline = "This machine's clock seems to be off"


class ServerFailed(CallFailed):
    """Spotify answered with a server error (500, 502, 503, ...)."""

    headline = "Spotify has a fault of its own"


class BadAnswer(CallFailed):
    """The answer is not what this call should give."""

    headline = "Spotify's answer makes no sense"


class Refused(CallFailed):
    """Spotify understood the call and will not do it; sending it again gives the same."""

    headline = "Spotify refuses this"


class NotFound(Refused):
    """What the call names does not exist, or not yet: reading right after creating may lag a second or two."""

    headline = "Spotify does not find this"


class ForbiddenReason(StrEnum):
    """Why Spotify forbids a call, as far as it can be told."""

    NOT_ON_APP_LIST = "account not on the app's user list"
    NO_PREMIUM = "the app's owner has no Premium"
    OTHER = "not allowed"


class Forbidden(Refused):
    """Spotify forbids the call for this app or this account.

    Attributes:
        reason: Why, as far as it can be told.
    """

    def __init__(self, call: str, message: str, *, reason: ForbiddenReason) -> None:
        super().__init__(call, message, hint=_FORBIDDEN_HINTS[reason])
        self.reason = reason
        self.headline = _FORBIDDEN_HEADLINES[reason]


_FORBIDDEN_HEADLINES = {
    ForbiddenReason.NOT_ON_APP_LIST: "Your Spotify app does not know this account yet",
    ForbiddenReason.NO_PREMIUM: "The account that owns your Spotify app has no Premium",
    ForbiddenReason.OTHER: "Spotify does not allow this",
}

_FORBIDDEN_HINTS = {
    ForbiddenReason.NOT_ON_APP_LIST: (
        "Open your app on https://developer.spotify.com/dashboard, choose User Management, add this account with the "
        "e-mail address it has at Spotify, wait a minute, and log in again."
    ),
    ForbiddenReason.NO_PREMIUM: (
        "Spotify serves an app in development mode only while the account that owns the app has Premium. Renew it "
        "there and try again; or make an app with an account that has it, and log in with that app's Client ID."
    ),
    ForbiddenReason.OTHER: (
        "Only the owner or a collaborator may see or change what is in a playlist, and new apps may no longer make "
        "every call. If every call is refused, add this account under User Management on "
        "https://developer.spotify.com/dashboard."
    ),
}


class RateLimited(CallFailed):
    """Too many calls in the last 30 seconds, and as many after each wait that Spotify asked for.

    Attributes:
        retry_after_s: Seconds to wait; `None` when Spotify did not say.
    """

    headline = "Spotify asks for fewer calls"

    def __init__(self, call: str, retry_after_s: float | None) -> None:
        wait = "a minute" if retry_after_s is None else f"{retry_after_s:.0f} seconds"
        super().__init__(call, "Spotify asks for fewer calls", hint=f"Wait {wait} and go on; what was read is kept.")
        self.retry_after_s = retry_after_s


def shown_time(moment: datetime) -> str:
    """A moment as the clock on this machine's wall shows it: "Tue 24 Nov, 05:10"."""
    return f"{moment.astimezone():%a %d %b, %H:%M}"


class QuotaExceeded(SpotifyError):
    """The app's quota is used up, which all apps of a developer account share; nothing is sent before that ends.

    Attributes:
        ends_at: When Spotify takes calls again, in UTC.
    """

    def __init__(self, ends_at_s: float) -> None:
        self.ends_at = datetime.fromtimestamp(ends_at_s, UTC)
        super().__init__(
            f"Spotify takes no calls from your app until {shown_time(self.ends_at)}: its quota is used up",
            hint="Nothing is sent before then; go on afterwards, what was read and written is kept.",
        )
