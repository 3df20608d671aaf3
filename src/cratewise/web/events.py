"""Server-sent events: each open, visible tab hears of every change, and reads the whole state when it (re)connects."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

HEARTBEAT_S = 15.0  # shows a dead connection to both sides
LEAST_PAUSE_S = 0.1  # a fast job reports thousands of steps; nobody sees more than ten a second
MOST_STREAMS = 24
"""Open streams of one account; a browser keeps six connections to a server, and hidden tabs have none."""

Snapshot = Callable[[], Mapping[str, object]]

_LEFT = "event: left\ndata: {}\n\n"  # whoever listens is not let in any more
_FULL = "event: full\ndata: {}\n\n"  # newer tabs took the places


@dataclass(eq=False, slots=True)
class _Stream:
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    has_place: bool = True


class EventHub:
    """Wakes every open stream when something changed.

    An event is always the whole state, never a difference: a tab that slept, or missed ten events, is right again
    with the next one. Of more than `MOST_STREAMS` the oldest end: what is left open and forgotten makes room for the
    tab that is looked at.

    Args:
        snapshot: Reads the state that is sent.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._open: dict[_Stream, None] = {}
        self._is_closed = False

    @property
    def n_streams(self) -> int:
        """How many streams are open."""
        return len(self._open)

    def publish(self) -> None:
        """Says that the state changed; may be called from any thread."""
        for stream in list(self._open):
            if not stream.loop.is_closed():
                stream.loop.call_soon_threadsafe(stream.woken.set)

    def close(self) -> None:
        """Ends all streams, so that a server with open tabs can stop; may be called from any thread."""
        self._is_closed = True
        self.publish()

    async def stream(self, is_let_in: Callable[[], bool] = lambda: True) -> AsyncIterator[str]:
        """Yields the state now and after each change, as lines of the `text/event-stream` format.

        Args:
            is_let_in: Whether whoever listens may still be told; is asked before anything is.
        """
        mine = _Stream()
        self._open[mine] = None
        self._end_oldest()
        try:
            while not self._is_closed:
                mine.woken.clear()
                state = await asyncio.to_thread(self._snapshot)
                if not await asyncio.to_thread(is_let_in):
                    yield _LEFT
                    return
                if not mine.has_place:
                    yield _FULL
                    return
                yield f"event: state\ndata: {json.dumps(state, ensure_ascii=False)}\n\n"
                await asyncio.sleep(LEAST_PAUSE_S)
                while not self._is_closed:
                    try:
                        await asyncio.wait_for(mine.woken.wait(), HEARTBEAT_S)
                        break
                    except TimeoutError:
                        if not await asyncio.to_thread(is_let_in):
                            break
                        yield ": still here\n\n"
        finally:
            self._open.pop(mine, None)

    def _end_oldest(self) -> None:
        while len(self._open) > MOST_STREAMS:
            oldest = next(iter(self._open))
            del self._open[oldest]
            oldest.has_place = False
            oldest.woken.set()  # streams of one hub are served by one loop, so this is its thread
