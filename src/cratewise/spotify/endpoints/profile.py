"""Who the account belongs to."""

from cratewise.spotify.reading import read_user
from cratewise.spotify.request import Call, Request
from cratewise.spotify.values import User


def current_user() -> Call[User]:
    """The account the access token belongs to."""
    return Call(Request("GET", "/me", repeatable=True), read_user)
