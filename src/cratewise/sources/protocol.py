"""What a source of statistics or tags is asked, and what it gives. Nothing is kept here: that is the caller's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cratewise.sources.answers import Model
from cratewise.tracks import AudioStatistics

Query = TypeVar("Query")


@dataclass(frozen=True, slots=True)
class SongQuery:
    """A song to look up; everything but the id may be missing.

    Attributes:
        track_id: Spotify's id, or another text that tells the song apart from others asked for.
        isrc: International Standard Recording Code, empty when unknown.
        title: Title, empty when unknown.
        artists: Names in the order of the billing.
        duration_ms: Length in milliseconds.
    """

    track_id: str
    isrc: str = ""
    title: str = ""
    artists: tuple[str, ...] = ()
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ArtistQuery:
    """An artist to look up.

    Attributes:
        name: Name as Spotify or a file writes it.
        spotify_id: Spotify's id, empty when unknown.
    """

    name: str
    spotify_id: str = ""


class Asker(Protocol):
    """Asks a web service; `Service` does."""

    def ask(self, path: str, query: Sequence[tuple[str, str]], model: type[Model]) -> Model:
        """Asks for an answer of a shape; see there."""
        ...


class StatisticsSource(Protocol):
    """Knows audio statistics of songs.

    Attributes:
        name: What the source is called in settings and in the library: "reccobeats".
        batch_size: How many songs it takes at once.
    """

    name: str
    batch_size: int

    def fetch(self, songs: Sequence[SongQuery]) -> Mapping[str, AudioStatistics]:
        """Looks up one batch; may be called by several threads.

        Returns:
            Statistics by track id. A song that is left out is not known there; that isn't an error.

        Raises:
            SourceError: The source is down, refuses, or answered what cannot be understood.
            ValueError: These are more songs than a batch takes.
        """


class TagSource(Protocol):
    """Knows what people call the music of an artist.

    Attributes:
        name: What the source is called in settings and in the library: "musicbrainz".
        batch_size: How many artists it takes at once.
    """

    name: str
    batch_size: int

    def fetch(self, artists: Sequence[ArtistQuery]) -> Mapping[ArtistQuery, Mapping[str, float]]:
        """Looks up one batch; may be called by several threads.

        Returns:
            Tags with their weight, above 0, in the source's own measure: only to be compared within one artist. An
            artist without tags has none; one that is left out is not known there. Neither is an error.

        Raises:
            SourceError: The source is down, refuses, or answered what cannot be understood.
            ValueError: These are more artists than a batch takes.
        """


def batches(queries: Sequence[Query], size: int) -> Iterator[Sequence[Query]]:
    """Cuts queries into batches of at most `size`, in their order."""
    for start in range(0, len(queries), size):
        yield queries[start : start + size]


def check_batch(source: StatisticsSource | TagSource, queries: Sequence[object]) -> None:
    """Refuses more than a source takes at once, of which it would answer a part without saying so.

    Raises:
        ValueError: There are too many.
    """
    if len(queries) > source.batch_size:
        raise ValueError(f"{source.name} takes {source.batch_size} at once, not {len(queries)}")
