import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from cratewise.web import events
from cratewise.web.events import EventHub

PATIENCE_S = 10.0


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets changes through as fast as they come."""
    monkeypatch.setattr(events, "LEAST_PAUSE_S", 0.0)


async def next_line(stream: AsyncIterator[str]) -> str:
    """What the stream says next."""
    return await asyncio.wait_for(anext(stream), PATIENCE_S)


def state_in(line: str) -> object:
    """The state an event carries."""
    return json.loads(line.removeprefix("event: state\ndata: "))


def test_a_stream_tells_the_state_first_and_after_each_change() -> None:
    """A tab that connects is right at once, and right again after a change, without asking."""
    state = {"n": 1}
    hub = EventHub(lambda: state)

    async def read() -> list[object]:
        stream = hub.stream()
        first = state_in(await next_line(stream))
        state["n"] = 2
        hub.publish()
        return [first, state_in(await next_line(stream))]

    assert asyncio.run(read()) == [{"n": 1}, {"n": 2}]


def test_closing_ends_every_open_stream() -> None:
    """A server that stops doesn't wait for open tabs, and forgets their streams."""
    hub = EventHub(dict)

    async def read() -> list[int]:
        streams = [hub.stream() for _ in range(3)]
        for stream in streams:
            await next_line(stream)
        counts = [hub.n_streams]
        hub.close()
        for stream in streams:
            with pytest.raises(StopAsyncIteration):
                await next_line(stream)
        return [*counts, hub.n_streams]

    assert asyncio.run(read()) == [3, 0]


def test_a_quiet_stream_shows_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a change a comment is sent now and then, so that both sides notice a dead connection."""
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.01)
    hub = EventHub(dict)

    async def read() -> str:
        stream = hub.stream()
        await next_line(stream)
        return await next_line(stream)

    assert asyncio.run(read()) == ": still here\n\n"
