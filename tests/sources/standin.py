"""A server that answers as ReccoBeats, MusicBrainz and Last.fm do, in any order, and goes wrong on demand."""

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cratewise.sources.online import Addresses
from cratewise.tracks import normalised

LONGEST_ADDRESS = 8_000  # as most servers take it
ARTIST_URL = "https://open.spotify.com/artist/"
KEY = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Heard:
    """A request as the server got it.

    Attributes:
        path: Without the query.
        query: Names and values in their order.
        headers: By names in small letters.
        at_s: When, by the clock of the test.
    """

    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    at_s: float

    def values(self, name: str) -> list[str]:
        """All values of a part of the query."""
        return [value for one, value in self.query if one == name]


@dataclass(frozen=True)
class Fault:
    """What comes instead of an answer; `cut` leaves out the second half, `silent` sends nothing until the end."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    silent: bool = False


@dataclass(frozen=True)
class Artist:
    """An artist of MusicBrainz."""

    mbid: str
    name: str
    spotify_ids: tuple[str, ...] = ()
    tags: Mapping[str, int] = field(default_factory=dict)


class StandIn:
    """The three services on one port; what they know is set by the test."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.features: list[dict[str, Any]] = []
        self.artists: list[Artist] = []
        self.listeners: dict[str, Any] = {}
        self.heard: list[Heard] = []
        self.faults: deque[Fault] = deque()
        self._now_s = now_s
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        """Where the server is."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def addresses(self) -> Addresses:
        """The server in the place of all three."""
        return Addresses(self.url, self.url, self.url)

    def close(self) -> None:
        """Stops the server."""
        self._end.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def answer(self, heard: Heard) -> tuple[int, object]:
        """What the services say to a request."""
        match heard.path:
            case "/v1/audio-features":
                return self._features_of(heard)
            case "/ws/2/url":
                return self._artists_at(heard)
            case "/ws/2/artist":
                return self._artists_found(heard)
            case "/2.0/":
                return self._tags_of(heard)
        return 404, {"error": "Not Found"}

    def _features_of(self, heard: Heard) -> tuple[int, object]:
        asked = heard.values("ids")[0].split(",")[:40]
        known = [one for one in self.features if one["href"].rpartition("/")[2] in asked or one.get("isrc") in asked]
        return 200, {"content": known[::-1]}

    def _artists_at(self, heard: Heard) -> tuple[int, object]:
        asked = heard.values("resource")
        if len(asked) > 100 or heard.values("inc") != ["artist-rels"]:
            return 400, {"error": "Bad request"}
        known: dict[str, list[object]] = {}
        for artist in self.artists:
            for address in (ARTIST_URL + one for one in artist.spotify_ids):
                if address in asked:
                    relation = {"type": "free streaming", "artist": {"id": artist.mbid, "name": artist.name}}
                    known.setdefault(address, []).append(relation)
        urls = [{"id": "u", "resource": address, "relations": relations} for address, relations in known.items()]
        if len(asked) == 1:
            return (200, urls[0]) if urls else (404, {"error": "Not Found"})
        return 200, {"url-count": len(urls), "urls": urls[::-1]}

    def _artists_found(self, heard: Heard) -> tuple[int, object]:
        query = heard.values("query")[0]
        if found := re.fullmatch(r"arid:\((.*)\)", query):
            scores = {artist.mbid: 1.0 for artist in self.artists if artist.mbid in found[1].split(" OR ")}
        elif found := re.fullmatch(r'artist:\(("(?:[^"\\]|\\.)*"(?: OR "(?:[^"\\]|\\.)*")*)\)', query):
            phrases = [re.sub(r"\\(.)", r"\1", one) for one in re.findall(r'"((?:[^"\\]|\\.)*)"', found[1])]
            scores = {artist.mbid: score for artist in self.artists if (score := _score(artist.name, phrases))}
        else:
            return 400, {"error": "Unable to parse search"}
        best = max(scores.values(), default=1)
        known = [
            {
                "id": artist.mbid,
                "name": artist.name,
                "score": round(100 * scores[artist.mbid] / best),
                "tags": [{"count": count, "name": name} for name, count in artist.tags.items()],
            }
            for artist in sorted(self.artists, key=lambda one: -scores.get(one.mbid, 0))
            if artist.mbid in scores
        ]
        return 200, {"count": len(known), "artists": known[: int(heard.values("limit")[0])]}

    def _tags_of(self, heard: Heard) -> tuple[int, object]:
        if heard.values("api_key") != [KEY]:
            return 403, {"error": 10, "message": "Invalid API key - You must be granted a valid key by last.fm"}
        tags = self.listeners.get(heard.values("artist")[0])
        if tags is None:
            return 200, {"error": 6, "message": "The artist you supplied could not be found"}
        return 200, {"toptags": {"tag": tags, "@attr": {"artist": heard.values("artist")[0]}}}

    def _next_fault(self, heard: Heard) -> Fault | None:
        with self._lock:
            self.heard.append(heard)
            return self.faults.popleft() if self.faults else None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                address = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                query = tuple(parse_qsl(address.query, keep_blank_values=True))
                heard = Heard(address.path, query, headers, stand_in._now_s())
                fault = stand_in._next_fault(heard)
                if fault is None:
                    status, said = stand_in.answer(heard) if len(self.path) <= LONGEST_ADDRESS else (414, {})
                    fault = Fault(status, json.dumps(said).encode(), {"Content-Type": "application/json"})
                self._send(fault)

            def _send(self, fault: Fault) -> None:
                self.close_connection = True
                if fault.silent:
                    stand_in._end.wait()
                    return
                self.send_response(fault.status)
                for name, value in {"Connection": "close", **fault.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(fault.body)))
                self.end_headers()
                with suppress(OSError):  # the client may have heard enough
                    self.wfile.write(fault.body[: len(fault.body) // 2] if fault.cut else fault.body)

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        return Handler


def _score(name: str, phrases: list[str]) -> float:
    """As a search scores: rare and long phrases for more, and a name that has other words too for less."""
    words = f" {normalised(name)} "
    found = [phrase for phrase in phrases if f" {normalised(phrase)} " in words]
    return max((len(phrase) * len(phrase) / len(name) for phrase in found), default=0)
