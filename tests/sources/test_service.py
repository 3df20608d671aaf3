"""How any service is asked: when again, how long, how much, and what it is told."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from cratewise.errors import SourceError
from cratewise.sources.answers import Answer, Lax, retry_after_s
from cratewise.sources.service import Limits, NotThere, Service
from cratewise.sources.timing import Timing

from .conftest import FakeClock
from .standin import Fault, StandIn

OK = Fault(body=b'{"word": "yes", "another": 1}')
ASKED = [("ids", "a secret of the person")]


class Said(Lax):
    """What these tests ask for."""

    word: str


Opener = Callable[..., Service]


@pytest.fixture
def opened(stand_in: StandIn, clock: FakeClock) -> Iterator[Opener]:
    """Makes services that ask the stand-in."""
    with ExitStack() as stack:

        def opened(**changes: object) -> Service:
            given = {"interval_s": 0.0, "timing": clock.timing} | changes
            return stack.enter_context(Service("Somebody", given.pop("url", stand_in.url), **given))  # type: ignore[arg-type]

        yield opened


@pytest.fixture
def service(opened: Opener) -> Service:
    """A service as sources have it."""
    return opened()


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_passing_failures_are_tried_again(service: Service, stand_in: StandIn, clock: FakeClock, status: int) -> None:
    """A server's fault is waited out, twice as long each time."""
    stand_in.faults.extend([Fault(status)] * 3 + [OK])
    assert service.ask("/any", ASKED, Said).word == "yes"
    assert clock.slept == [1.0, 2.0, 4.0]


def test_a_service_that_stays_down_is_one_error(service: Service, stand_in: StandIn) -> None:
    """After four attempts the error names the source, the call, what came, and what to do; nothing of the query."""
    stand_in.faults.extend([Fault(503, b"<html>busy</html>")] * 5)
    with pytest.raises(SourceError) as caught:
        service.ask("/any", ASKED, Said)
    assert str(caught.value) == "Somebody: GET /any: it failed (503), 4 times"
    assert caught.value.hint.startswith("Try again later")
    assert len(stand_in.heard) == 4


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_that_is_asked_for_is_kept(service: Service, stand_in: StandIn, clock: FakeClock, status: int) -> None:
    """Nothing is sent before `Retry-After` has passed."""
    stand_in.faults.extend([Fault(status, headers={"Retry-After": "17"}), OK])
    assert service.ask("/any", ASKED, Said).word == "yes"
    assert stand_in.heard[-1].at_s == 17.0


def test_a_moment_is_compared_with_the_servers_own_clock() -> None:
    """`Retry-After` as a date counts from the answer's `Date`, and one that has passed asks for no wait."""
    moment = {"Retry-After": "Fri, 01 Jan 2100 00:00:30 GMT"}
    assert retry_after(moment | {"Date": "Fri, 01 Jan 2100 00:00:00 GMT"}) == 30.0
    assert retry_after(moment | {"Date": "Fri, 01 Jan 2100 00:01:00 GMT"}) == 0.0
    assert retry_after({"Retry-After": "9" * 400}) == 1e9


def retry_after(headers: dict[str, str]) -> float | None:
    """The wait that headers ask for."""
    return retry_after_s(Answer(429, {name.lower(): value for name, value in headers.items()}, b""))


@pytest.mark.parametrize("text", ["", "soon", "-5", "1e3", "Fri, 01 Jan 2100 00:00:30 GMT", "Fri, 99 Jan 2100"])
def test_a_wait_that_makes_no_sense_is_none(text: str) -> None:
    """Then the usual waits hold."""
    assert retry_after({"Retry-After": text}) is None


def test_a_long_wait_isnt_waited_for(service: Service, stand_in: StandIn, clock: FakeClock) -> None:
    """A service that wants an hour counts as down; it is left alone for that hour, and asked again after it."""
    stand_in.faults.extend([Fault(429, headers={"Retry-After": "3600"}), OK])
    for _ in range(2):
        with pytest.raises(SourceError, match="wants to be left alone for another 3,600 s"):
            service.ask("/any", ASKED, Said)
    assert (len(stand_in.heard), clock.slept) == (1, [])
    clock.now_s += 3600
    assert service.ask("/any", ASKED, Said).word == "yes"


def test_a_body_that_is_cut_off_is_asked_for_again(service: Service, stand_in: StandIn) -> None:
    """A connection that breaks within an answer may hold the next time."""
    stand_in.faults.extend([Fault(body=b'{"word": "no"} and more', cut=True), OK])
    assert service.ask("/any", ASKED, Said).word == "yes"


def test_a_broken_compression_is_a_source_error(service: Service, stand_in: StandIn) -> None:
    """A body that says it is compressed and isn't cannot be read."""
    stand_in.faults.extend([Fault(body=b"\x00\x01 no gzip", headers={"Content-Encoding": "gzip"})] * 4)
    with pytest.raises(SourceError, match="cannot be decoded"):
        service.ask("/any", ASKED, Said)


def test_an_answer_that_never_comes_is_given_up(opened: Opener, stand_in: StandIn) -> None:
    """Every attempt has its end."""
    stand_in.faults.extend([Fault(silent=True)] * 2)
    slow = opened(timeout=httpx.Timeout(0.1), limits=Limits(attempts=2))
    with pytest.raises(SourceError, match="did not answer in time, 2 times"):
        slow.ask("/any", ASKED, Said)


def test_an_answer_that_trickles_in_is_given_up(opened: Opener, stand_in: StandIn, clock: FakeClock) -> None:
    """Each piece comes in time, all of them together don't."""

    def passing() -> float:
        clock.now_s += 70
        return clock.now_s

    stand_in.faults.extend([OK] * 2)
    trickling = opened(timing=Timing(passing, clock.timing.sleep, lambda: 0.0), limits=Limits(attempts=2))
    with pytest.raises(SourceError, match="did not finish its answer in time"):
        trickling.ask("/any", ASKED, Said)


def test_an_address_where_nobody_is(opened: Opener) -> None:
    """A refused connection names the address and nothing of the query."""
    with pytest.raises(SourceError, match=r"http://127\.0\.0\.1:1 cannot be reached \(ConnectError\)") as caught:
        opened(url="http://127.0.0.1:1").ask("/any", ASKED, Said)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirections_are_not_followed(service: Service, stand_in: StandIn, status: int) -> None:
    """A key, or what the person listens to, goes to no other host."""
    stand_in.faults.append(Fault(status, headers={"Location": f"{stand_in.url}/elsewhere"}))
    with pytest.raises(SourceError, match=rf"refuses the call \({status}\)"):
        service.ask("/any", ASKED, Said)
    assert [heard.path for heard in stand_in.heard] == ["/any"]


def test_an_answer_without_end_is_not_read_to_it(opened: Opener, stand_in: StandIn) -> None:
    """What is larger than any true answer fills no memory."""
    stand_in.faults.append(Fault(body=b"[" * 200_000))
    with pytest.raises(SourceError, match="longer than 100,000 bytes"):
        opened(limits=Limits(largest_answer=100_000)).ask("/any", ASKED, Said)


@pytest.mark.parametrize(
    "body", [b"<html>Welcome to the hotel</html>", b"", b"\xff\xfe", b"[" * 100_000, b'{"word": 1}']
)
def test_what_isnt_the_expected_json_is_a_source_error(service: Service, stand_in: StandIn, body: bytes) -> None:
    """A page of HTML, nothing, rubbish, or another shape is not understood, and not shown."""
    stand_in.faults.append(Fault(body=body))
    with pytest.raises(SourceError, match="the answer is not understood") as caught:
        service.ask("/any", ASKED, Said)
    assert "hotel" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_nothing_under_an_address_is_told_apart(service: Service) -> None:
    """404 has its own error, for services that mean "unknown" by it."""
    with pytest.raises(NotThere):
        service.ask("/nowhere", ASKED, Said)


def test_calls_can_be_followed_in_the_log(
    service: Service, stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has source, call and outcome."""
    stand_in.faults.append(OK)
    with caplog.at_level(logging.DEBUG, "cratewise.sources"):
        service.ask("/any", ASKED, Said)
    assert [one.getMessage() for one in caplog.records if one.name.startswith("cratewise")] == [
        "Somebody GET /any -> 200 in 0.00 s"
    ]
