"""Refusals as errors that say which call, why, and what to do."""

import pytest

from cratewise.errors import SpotifyError
from cratewise.spotify.answers import failure_of
from cratewise.spotify.errors import (
    BadAnswer,
    CallFailed,
    Forbidden,
    ForbiddenReason,
    LoginRequired,
    NotFound,
    RateLimited,
    Refused,
    ScopeMissing,
    ServerFailed,
)
from cratewise.spotify.request import Answer, Request

READ = Request("GET", "/playlists/p/items", repeatable=True)
WRITE = Request("POST", "/playlists/p/items")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b'{"error":{"status":401,"message":"The access token expired"}}', LoginRequired),
        (403, b'{"error":{"status":403,"message":"Insufficient client scope"}}', ScopeMissing),
        (403, b"User not registered in the Developer Dashboard", Forbidden),
        (403, b'{"error":{"status":403,"message":"Forbidden"}}', Forbidden),
        (404, b'{"error":{"status":404,"message":"Resource not found"}}', NotFound),
        (429, b"Too many requests", RateLimited),
        (400, b'{"error":{"status":400,"message":"Invalid track uri"}}', Refused),
        (413, b"", Refused),
        (500, b"", ServerFailed),
        (502, b"<html>", ServerFailed),
        (302, b"", BadAnswer),
        (400, b"\xff\xfe\x00", Refused),
        (400, b'{"error": 7}', Refused),
    ],
)
def test_every_status_has_its_error(status: int, body: bytes, kind: type[SpotifyError]) -> None:
    """Whatever the body, the error is of this room and names the call."""
    failure = failure_of(READ, Answer(status, {}, body), 0.0)
    assert type(failure) is kind
    assert "GET /playlists/p/items" in str(failure)


def test_a_bad_gateway_is_the_servers_fault() -> None:
    """A 502 is never taken for a mistake of the caller."""
    assert not issubclass(ServerFailed, Refused)
    failure = failure_of(WRITE, Answer(502), 0.0)
    assert isinstance(failure, ServerFailed)
    assert failure.maybe_carried_out
    assert not isinstance(failure, Refused)


@pytest.mark.parametrize(
    ("message", "reason", "hint"),
    [
        (b"User not registered in the Developer Dashboard", ForbiddenReason.NOT_ON_APP_LIST, "User Management"),
        (b"the user may not be registered.", ForbiddenReason.NOT_ON_APP_LIST, "User Management"),
        (b"Active premium subscription required", ForbiddenReason.NO_PREMIUM, "Premium"),
        (b"", ForbiddenReason.OTHER, "owner or a collaborator"),
    ],
)
def test_forbidden_says_why_and_what_to_do(message: bytes, reason: ForbiddenReason, hint: str) -> None:
    """The reasons that a person can do something about are told apart."""
    failure = failure_of(READ, Answer(403, {}, message), 0.0)
    assert isinstance(failure, Forbidden)
    assert failure.reason is reason
    assert hint in failure.hint


def test_what_was_refused_was_not_carried_out() -> None:
    """A refused write may be corrected and sent again."""
    failure = failure_of(WRITE, Answer(400, {}, b""), 0.0)
    assert isinstance(failure, CallFailed)
    assert (failure.call, failure.maybe_carried_out) == ("POST /playlists/p/items", False)


def test_messages_are_short_and_on_one_line() -> None:
    """A body of many lines or kilobytes does not fill the screen."""
    failure = failure_of(READ, Answer(400, {}, b"one\r\n\x1b[31mtwo " + b"x" * 5000), 0.0)
    assert "one [31mtwo xxx" in str(failure)
    assert len(str(failure)) < 300
