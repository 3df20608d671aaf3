"""Server-sent events: each open, visible tab hears of every change, and reads the whole state when it (re)connects."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping

HEARTBEAT_S = 15.0  # shows a dead connection to both sides
LEAST_PAUSE_S = 0.1  # a fast job reports thousands of steps; nobody sees more than ten a second

Snapshot = Callable[[], Mapping[str, object]]


class EventHub:
    """Wakes every open stream when something changed.

    An event is always the whole state, never a difference: a tab that slept, or missed ten events, is right again
    with the next one.

    Args:
        snapshot: Reads the state that is sent.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._is_closed = False

    @property
    def n_streams(self) -> int:
        """How many streams are open."""
        return len(self._waiting)

    def publish(self) -> None:
        """Says that the state changed; may be called from any thread."""
        for changed, loop in list(self._waiting.items()):
            if not loop.is_closed():
                loop.call_soon_threadsafe(changed.set)

    def close(self) -> None:
        """Ends all streams, so that a server with open tabs can stop; may be called from any thread."""
        self._is_closed = True
        self.publish()

    async def stream(self) -> AsyncIterator[str]:
        """Yields the state now and after each change, as lines of the `text/event-stream` format."""
        changed = asyncio.Event()
        self._waiting[changed] = asyncio.get_running_loop()
        try:
            while not self._is_closed:
                changed.clear()
                state = await asyncio.to_thread(self._snapshot)
                yield f"event: state\ndata: {json.dumps(state, ensure_ascii=False)}\n\n"
                await asyncio.sleep(LEAST_PAUSE_S)
                while not self._is_closed:
                    try:
                        await asyncio.wait_for(changed.wait(), HEARTBEAT_S)
                        break
                    except TimeoutError:
                        yield ": still here\n\n"
        finally:
            del self._waiting[changed]
