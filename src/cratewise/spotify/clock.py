"""Whether this machine's clock is off: seen by certificates that seem not to be valid, and by the times of answers."""

import email.utils
import ssl
from collections.abc import Iterator

from cratewise.spotify.request import Answer

TOLERANCE_S = 300.0
"""How far apart two clocks may be: answers take a while, and nobody's clock is exact."""

_NOT_YET_VALID, _EXPIRED = 9, 10  # X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL

CHECK_THE_CLOCK = "Check this machine's clock: its date, time and time zone; then try again."


def is_untimely_certificate(failure: BaseException) -> bool:
    """Whether a connection failed because a certificate counts as expired, or as one of the future."""
    return any(
        isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_code in {_NOT_YET_VALID, _EXPIRED}
        for cause in _causes(failure)
    )


def clock_remark(answer: Answer, now_s: float) -> str:
    """A sentence to put behind a refusal when the clocks of both sides are far apart; empty when they agree."""
    try:
        there_s = email.utils.parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (ValueError, OverflowError):
        return ""
    behind_s = there_s - now_s
    if abs(behind_s) <= TOLERANCE_S:
        return ""
    side = "behind" if behind_s > 0 else "ahead of"
    return f" This machine's clock is {_roughly(abs(behind_s))} {side} Spotify's. {CHECK_THE_CLOCK}"


def _roughly(seconds: float) -> str:
    for name, length_s in (("days", 86_400.0), ("hours", 3600.0)):
        if seconds >= 2 * length_s:
            return f"{seconds / length_s:.0f} {name}"
    return f"{seconds / 60:.0f} minutes"


def _causes(failure: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while failure is not None and id(failure) not in seen:
        seen.add(id(failure))
        yield failure
        failure = failure.__cause__ or failure.__context__
