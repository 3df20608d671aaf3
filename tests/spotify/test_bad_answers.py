"""Whatever comes in the place of an answer, only this room's error comes out, and says which call it was."""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from cratewise.errors import SpotifyError
from cratewise.spotify.answers import perform
from cratewise.spotify.auth import Authoriser, PendingLogin
from cratewise.spotify.client import SpotifyClient
from cratewise.spotify.endpoints import library, playlists, profile
from cratewise.spotify.errors import BadAnswer, CallFailed, LoginRequired
from cratewise.spotify.request import Answer, Call, Request

from .conftest import Reply, ScriptedServer, make_tokens
from .contract.contract import read_document
from .contract.strategies import answers_of, damaged, junk

SONG = "spotify:track:11dFghVXANMlKmJXsNCbNl"


class Asked(NamedTuple):
    """A call, and where its answer stands in Spotify's file."""

    call: Call[Any]
    path: str
    status: str = "200"


CALLS: Mapping[str, Asked] = {
    "current_user": Asked(profile.current_user(), "/me"),
    "saved_tracks": Asked(library.saved_tracks(), "/me/tracks"),
    "playlists": Asked(playlists.playlists(), "/me/playlists"),
    "playlist": Asked(playlists.playlist("p"), "/playlists/{playlist_id}"),
    "playlist_items": Asked(playlists.playlist_items("p"), "/playlists/{playlist_id}/items"),
    "create_playlist": Asked(playlists.create_playlist("n", "", public=False), "/me/playlists", "201"),
    "change_playlist": Asked(playlists.change_playlist("p", name="n"), "/playlists/{playlist_id}"),
    "add_items": Asked(playlists.add_items("p", [SONG]), "/playlists/{playlist_id}/items", "201"),
    "replace_items": Asked(playlists.replace_items("p", [SONG]), "/playlists/{playlist_id}/items"),
    "remove_items": Asked(playlists.remove_items("p", [SONG]), "/playlists/{playlist_id}/items"),
    "change_cover": Asked(playlists.change_cover("p", b"\xff\xd8\xff"), "/playlists/{playlist_id}/images", "202"),
    "unfollow_playlist": Asked(library.unfollow_playlist("p"), "/me/library"),
}
WITHOUT_ANSWER = {"change_playlist", "change_cover", "unfollow_playlist"}
READING = sorted(set(CALLS) - WITHOUT_ANSWER)
PENDING = PendingLogin("my-app", "http://127.0.0.1:8765/callback", ("user-library-read",))
many = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

bodies = st.one_of(
    st.binary(max_size=80),
    st.sampled_from([b"", b"null", b"{}", b"[]", b'"x"', b"\xef\xbb\xbf{}", b"[" * 20_000, b'{"a":' * 20_000, b"NaN"]),
    st.sampled_from(
        [b"<!doctype html><title>502</title>", b"<?xml version='1.0'?><error/>", b"upstream request timeout"]
    ),
    st.fixed_dictionaries({"error": junk, "error_description": junk}).map(lambda body: json.dumps(body).encode()),
    st.fixed_dictionaries({"error": st.fixed_dictionaries({"message": junk, "reason": junk, "status": junk})}).map(
        lambda body: json.dumps(body).encode()
    ),
)


class Fixed:
    """A sender that always has the same answer."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def send(self, request: Request) -> Answer:
        """Gives the answer."""
        return self._answer


@pytest.fixture(scope="module")
def answers(specification: Path) -> Mapping[str, SearchStrategy[Any]]:
    """What each call that answers anything may answer, by Spotify's file."""
    document = read_document(specification)
    asked = {name: CALLS[name] for name in READING}
    return {name: answers_of(document, one.call.request.method, one.path, one.status) for name, one in asked.items()}


def test_every_call_of_the_client_is_tried() -> None:
    """A new method of the client has to be added to the calls above."""
    methods = {name for name in vars(SpotifyClient) if not name.startswith("_")}
    assert set(CALLS) == methods - {"close"}


@pytest.mark.parametrize("name", READING)
@many
@given(data=st.data())
def test_whatever_spotifys_file_allows_is_understood(
    answers: Mapping[str, SearchStrategy[Any]], name: str, data: st.DataObject
) -> None:
    """Optional fields there or not, nulls where they may be: a value, never an error."""
    body = json.dumps(data.draw(answers[name])).encode()
    assert perform(Fixed(Answer(200, {}, body)), CALLS[name].call) is not None


@pytest.mark.parametrize("name", READING)
@many
@given(data=st.data())
def test_a_damaged_answer_is_a_value_or_names_its_call(
    answers: Mapping[str, SearchStrategy[Any]], name: str, data: st.DataObject
) -> None:
    """Wrong types, holes, depth and huge numbers anywhere in an answer that was well."""
    call = CALLS[name].call
    body = json.dumps(data.draw(damaged(answers[name]))).encode()
    with _OnlyNaming(call):
        assert perform(Fixed(Answer(200, {}, body)), call) is not None


@pytest.mark.parametrize("name", READING)
@many
@given(data=st.data())
def test_a_truncated_answer_is_a_bad_answer(
    answers: Mapping[str, SearchStrategy[Any]], name: str, data: st.DataObject
) -> None:
    """Cut anywhere, also within a letter."""
    call = CALLS[name].call
    body = json.dumps(data.draw(answers[name]), ensure_ascii=False).encode("utf-8", "surrogatepass")
    cut = body[: data.draw(st.integers(0, len(body) - 1))]
    with pytest.raises(BadAnswer, match=call.request.call):
        perform(Fixed(Answer(200, {}, cut)), call)


@given(
    name=st.sampled_from(sorted(CALLS)),
    status=st.integers(100, 999),
    body=bodies,
    wait=st.text(max_size=12) | st.sampled_from(["1e9", "99999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "-1", "nan"]),
)
def test_any_status_with_any_body_is_this_rooms_error(name: str, status: int, body: bytes, wait: str) -> None:
    """Redirections, refusals and failures, in JSON, HTML, plain text and nonsense."""
    call = CALLS[name].call
    with _OnlyNaming(call):
        perform(Fixed(Answer(status, {"retry-after": wait}, body)), call)
        assert 200 <= status < 300


@given(status=st.sampled_from([200, 200, 200, 400, 401, 403, 429, 500]), body=bodies)
def test_any_answer_of_the_token_endpoint_is_this_rooms_error(status: int, body: bytes) -> None:
    """For a first login and for a renewal; nothing of what was sent or came is in the message."""
    authoriser = Authoriser(Fixed(Answer(status, {}, body)))
    tokens = make_tokens(access_token="secret-1", refresh_token="secret-2")
    for ask in (lambda: authoriser.exchange(PENDING, "secret-3"), lambda: authoriser.refresh(tokens)):
        with pytest.raises(SpotifyError) as raised:
            ask()
        assert "secret" not in str(raised.value)
        assert not isinstance(raised.value, CallFailed) or raised.value.call == "POST /api/token"


@given(data=st.data())
def test_damaged_tokens_are_tokens_or_this_rooms_error(data: st.DataObject) -> None:
    """What is kept can always be sent again as a header."""
    well = {"access_token": "a", "refresh_token": "r", "expires_in": 3600, "scope": "x y", "token_type": "Bearer"}
    body = json.dumps(data.draw(damaged(st.just(well)))).encode()
    with contextlib.suppress(SpotifyError):
        tokens = Authoriser(Fixed(Answer(200, {}, body))).exchange(PENDING, "code")
        assert (tokens.access_token + tokens.refresh_token).isascii()


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Encoding": "gzip"}, b"\x1f\x8b\x08 cut"),
        ({"Content-Encoding": "deflate"}, b"{}"),
        ({"Content-Encoding": "br"}, b"\x00\xff"),
        ({"Content-Encoding": "zstd"}, b"\x28\xb5\x2f\xfd"),
        ({"Content-Encoding": "gzip, gzip"}, b"{}"),
        ({"Content-Encoding": "nonsense"}, b"\x00"),
        ({"Transfer-Encoding": "chunked"}, b"zz\r\n{}"),
        ({"Content-Type": "application/json; charset=utf-16"}, '{"id": "x"}'.encode("utf-16")),
        ({"Content-Type": "text/html; charset=nonsense"}, b"\xff\xfe<html>"),
        ({"Set-Cookie": "=;;;\x01", "X": "\xff"}, b'{"id": "\xff"}'),
        ({"Content-Length": "99999"}, b"{"),
        ({"Location": "http://["}, b""),
    ],
    ids=str,
)
@pytest.mark.parametrize("status", [200, 302, 404])
def test_a_badly_packed_answer_is_this_rooms_error(
    client: SpotifyClient, server: ScriptedServer, status: int, headers: dict[str, str], body: bytes
) -> None:
    """Over real HTTP: broken compression, wrong lengths, other alphabets, redirections to nowhere."""
    server.rules["/v1/me"] = lambda heard: Reply(status, body, headers)
    with pytest.raises(CallFailed, match="GET /me"):
        client.current_user()


class _OnlyNaming(contextlib.AbstractContextManager[None]):
    """Lets this room's errors pass that name the call, or say that the login is what is wrong."""

    def __init__(self, call: Call[Any]) -> None:
        self._call = call.request.call

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, SpotifyError):
            return False
        assert self._call in str(error)
        assert isinstance(error, CallFailed | LoginRequired)
        return True
