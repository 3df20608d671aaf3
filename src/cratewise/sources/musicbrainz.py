"""MusicBrainz (musicbrainz.org): what people tagged an artist with, found by the artist's address at Spotify.

A batch of 100 artists takes three calls at most, so 2,000 artists take 60: one finds the artists by their addresses,
one gets the tags of those found, and what is left of the three looks up the others by name. Where every address is
known two calls do.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Self

from pydantic import model_validator

from cratewise.sources.answers import Lax
from cratewise.sources.musicbrainz_names import Found, best_of_name, groups_of, name_query, same_name
from cratewise.sources.noise import summed, without_noise
from cratewise.sources.protocol import ArtistQuery, Asker, check_batch
from cratewise.sources.service import NotThere

URL = "https://musicbrainz.org"
INTERVAL_S = 1.0  # its rule, for all calls of a program together; it answers 503 to those that come sooner

_ADDRESSES, _SEARCH = "/ws/2/url", "/ws/2/artist"
_SPOTIFY_ID = re.compile(r"[0-9A-Za-z]+")
_SPOTIFY_ARTIST = "https://open.spotify.com/artist/"
_MOST_AT_ONCE = 100  # addresses in a look-up, and artists in an answer to a search
_MOST_CALLS = 3  # a batch
_NAMES_A_CALL = 10  # so that ten artists of each name fit into the answer, where the calls allow it


class _Artist(Lax):
    id: str = ""
    name: str | None = None


class _Relation(Lax):
    artist: _Artist | None = None


class _Address(Lax):
    resource: str | None = None
    relations: tuple[_Relation | None, ...] | None = None


class _AddressesAnswer(_Address):
    """Several addresses come in a list; one alone comes by itself."""

    urls: tuple[_Address | None, ...] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.urls is None and self.resource is None:
            raise ValueError("neither 'urls' nor 'resource'")  # not "unknown", which would be remembered
        return self


class _Tag(Lax):
    name: str | None = None
    count: float | None = None


class _FoundArtist(_Artist):
    score: float | None = None
    tags: tuple[_Tag | None, ...] | None = None


class _SearchAnswer(Lax):
    artists: tuple[_FoundArtist | None, ...]


class MusicBrainz:
    """Tags from MusicBrainz, weighed by their votes."""

    name = "musicbrainz"
    batch_size = _MOST_AT_ONCE

    def __init__(self, service: Asker) -> None:
        self._service = service

    def fetch(self, artists: Sequence[ArtistQuery]) -> Mapping[ArtistQuery, Mapping[str, float]]:
        """Looks up one batch, in three calls or fewer.

        Raises:
            SourceError: It is down, refuses, or answered what cannot be understood.
            ValueError: These are more than 100 artists.
        """
        check_batch(self, artists)
        calls_left = _MOST_CALLS
        ids: dict[ArtistQuery, str] = {}
        of_spotify: defaultdict[str, list[ArtistQuery]] = defaultdict(list)
        for artist in artists:
            if _SPOTIFY_ID.fullmatch(artist.spotify_id):
                of_spotify[artist.spotify_id].append(artist)
        if of_spotify:
            ids = self._ids_by_address(of_spotify)
            calls_left -= 1
        by_id: dict[str, Found] = {}
        if ids:
            by_id = self._searched(f"arid:({' OR '.join(sorted(set(ids.values())))})")
            calls_left -= 1
        found = {artist: by_id[id_] for artist, id_ in ids.items() if id_ in by_id}
        found |= self._by_name([artist for artist in artists if artist not in found], calls_left)
        return {artist: without_noise(one.tags, (artist.name, one.name)) for artist, one in found.items()}

    def _ids_by_address(self, of_spotify: Mapping[str, Sequence[ArtistQuery]]) -> dict[ArtistQuery, str]:
        """MusicBrainz's ids of the artists whose address at Spotify it knows; they come in any order."""
        addresses = [("resource", _SPOTIFY_ARTIST + spotify_id) for spotify_id in of_spotify]
        query = [*addresses, ("inc", "artist-rels"), ("fmt", "json")]
        try:
            answer = self._service.ask(_ADDRESSES, query, _AddressesAnswer)
        except NotThere:  # what a single unknown address gives
            return {}
        ids = {}
        for address in filter(None, (*(answer.urls or ()), answer)):
            for artist in of_spotify.get((address.resource or "").rpartition("/")[2], ()):
                if id_ := _related(address, artist):
                    ids[artist] = id_
        return ids

    def _by_name(self, artists: Sequence[ArtistQuery], calls: int) -> dict[ArtistQuery, Found]:
        """The artists who are the best match of their name and bear it."""
        found: dict[ArtistQuery, Found] = {}
        names = sorted({artist.name.strip() for artist in artists if artist.name.strip()})
        for group in groups_of(names, min(calls, -(-len(names) // _NAMES_A_CALL))):
            matches = list(self._searched(name_query(group)).values())
            of_name = {name: best_of_name(name, matches, least_score=100 if len(group) == 1 else 0) for name in group}
            found |= {artist: one for artist in artists if (one := of_name.get(artist.name.strip())) is not None}
        return found

    def _searched(self, query: str) -> dict[str, Found]:
        """The artists that a search gives, by their ids, best first."""
        parameters = [("query", query), ("limit", str(_MOST_AT_ONCE)), ("fmt", "json")]
        answer = self._service.ask(_SEARCH, parameters, _SearchAnswer)
        found = {}
        for artist in filter(None, answer.artists):
            tags = summed((tag.name or "", tag.count or 0) for tag in filter(None, artist.tags or ()))
            found[artist.id] = Found(artist.name or "", artist.score or 0, tags)
        found.pop("", None)
        return found


def _related(address: _Address, artist: ArtistQuery) -> str:
    """The id of the artist an address belongs to; of several, the one of that name; empty where that isn't clear."""
    related = {
        relation.artist.id: relation.artist.name or ""
        for relation in filter(None, address.relations or ())
        if relation.artist and relation.artist.id
    }
    if len(related) == 1:
        return next(iter(related))
    namesakes = [id_ for id_, name in related.items() if same_name(name, artist.name)]
    return namesakes[0] if len(namesakes) == 1 else ""
