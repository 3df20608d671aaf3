"""Asking the sources what the songs sound like and what people call the artists; the answers are kept for good."""

import queue
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from cratewise.errors import DataFileError, LibraryError, SourceError
from cratewise.library.knowledge import CATALOGUE
from cratewise.progress import Progress, silent
from cratewise.sources.protocol import ArtistQuery, SongQuery, StatisticsSource, TagSource, batches
from cratewise.sources.trackfile import read_tracks
from cratewise.tracks import printable
from cratewise.workflows.services import Services
from cratewise.workflows.sync import current_account

ABSENT_FOR = timedelta(days=30)
"""How long an answer that nothing is known counts; then the source is asked again."""
TITLES = {"reccobeats": "ReccoBeats", "musicbrainz": "MusicBrainz", "lastfm": "Last.fm", CATALOGUE: "your catalogues"}
_PATIENCE_S = 0.2


@dataclass(frozen=True, slots=True)
class SourceResult:
    """What asking one source came to.

    Attributes:
        name: The source.
        asked: Songs or artists it was asked about, and answered.
        found: Of those, known there.
        waiting: Songs or artists it was not asked about, since it failed or somebody stopped.
        problem: Why it failed, with what to do; empty when it did not.
    """

    name: str
    asked: int
    found: int
    waiting: int = 0
    problem: str = ""

    @property
    def title(self) -> str:
        """What people call it."""
        return TITLES.get(self.name, self.name)


@dataclass(frozen=True, slots=True)
class EnrichResult:
    """What asking all sources came to.

    Attributes:
        sources: By source, the catalogues first.
        changed: Liked tracks that are known better than before.
    """

    sources: tuple[SourceResult, ...]
    changed: int


@dataclass(frozen=True, slots=True)
class _Work:
    """Everything one source is to be asked: each part asks, keeps what was said, and gives how many were known."""

    name: str
    sizes: Sequence[int]
    ask: Callable[[int], int]


def enrich_library(app: Services, progress: Progress = silent) -> EnrichResult:
    """Asks every source about the liked songs it was not asked about yet; all at once, each at its own pace.

    What a source said is kept batch by batch: stopped at any point, nothing that was answered is asked again. A source
    that fails is left for the next time, and the others go on.

    Raises:
        LibraryError: Nothing was synced yet.
    """
    account_id = current_account(app).account_id
    at = app.now()
    in_catalogues = app.library.catalogues.look_up(account_id, at)
    changed = app.library.knowledge.settle(account_id)
    results = [SourceResult(CATALOGUE, in_catalogues, in_catalogues)] if app.library.catalogues.all() else []
    try:
        with app.online_sources() as online:
            works = [_statistics_work(app, account_id, source, at) for source in online.statistics]
            works += [_tags_work(app, account_id, source, at) for source in online.tags]
            results += _side_by_side(works, progress)
    finally:
        changed += app.library.knowledge.settle(account_id)
    return EnrichResult(tuple(results), changed)


def known_from(app: Services) -> Mapping[str, Mapping[str, int]]:
    """How many liked songs have statistics, and tags, from each source; "" stands for those that have none."""
    account = app.library.accounts.latest()
    return {} if account is None else app.library.knowledge.origins(account.account_id)


def source_title(name: str) -> str:
    """What people call a source."""
    return {"exportify": "Exportify", "spotify": "Spotify", "csv": "a file"}.get(name, TITLES.get(name, name))


def add_catalogue(app: Services, file: Path) -> int:
    """Keeps the statistics in a file as a catalogue of its name; gives how many songs it has.

    Raises:
        DataFileError: The file cannot be read, or no song in it has statistics; nothing is kept then.
    """
    tracks = read_tracks(file).tracks
    if all(track.statistics is None for track in tracks):
        raise DataFileError(f"{file.name}: no song in it has statistics.", hint="It needs columns such as energy.")
    return app.library.catalogues.write(printable(file.name), tracks)


def remove_catalogue(app: Services, name: str) -> int:
    """Forgets a catalogue; gives how many songs it had.

    Raises:
        LibraryError: There is none of that name.
    """
    if name not in app.library.catalogues.all():
        raise LibraryError(f"There is no catalogue {name!r}.", hint="`cratewise catalogue list` shows them.")
    return app.library.catalogues.remove(name)


def _statistics_work(app: Services, account_id: str, source: StatisticsSource, at: datetime) -> _Work:
    tracks = app.library.knowledge.songs_without_statistics(account_id, source.name, at - ABSENT_FOR)
    songs = [SongQuery(one.track_id, one.isrc, one.title, one.artists, one.duration_ms) for one in tracks]
    parts = list(batches(songs, source.batch_size))

    def ask(number: int) -> int:
        found = source.fetch(parts[number])
        said = {song.track_id: found.get(song.track_id) for song in parts[number]}
        app.library.knowledge.write_statistics(source.name, said, at)
        return len(found)

    return _Work(source.name, [len(part) for part in parts], ask)


def _tags_work(app: Services, account_id: str, source: TagSource, at: datetime) -> _Work:
    artists = app.library.knowledge.unknown_artists(account_id, source.name, at - ABSENT_FOR)
    parts = list(batches(artists, source.batch_size))

    def ask(number: int) -> int:
        queries = {artist.subject: ArtistQuery(artist.name, artist.spotify_id) for artist in parts[number]}
        found = source.fetch(list(dict.fromkeys(queries.values())))
        said = {subject: found.get(query, {}) for subject, query in queries.items()}
        app.library.knowledge.write_tags(source.name, said, at)
        return sum(1 for tags in said.values() if tags)

    return _Work(source.name, [len(part) for part in parts], ask)


def _side_by_side(works: Sequence[_Work], progress: Progress) -> list[SourceResult]:
    """Does all work at once; progress is told from this thread, and ends the work when it raises."""
    total = sum(sum(work.sizes) for work in works)
    if not total:
        return [SourceResult(work.name, 0, 0) for work in works]
    stage = f"Asking {' and '.join(TITLES[work.name] for work in works if work.sizes)}"
    ticks: queue.SimpleQueue[int] = queue.SimpleQueue()
    stop = Event()
    progress(stage, 0, total)
    with ThreadPoolExecutor(len(works), thread_name_prefix="source") as threads:
        running: list[Future[SourceResult]] = [threads.submit(_run, work, ticks, stop) for work in works]
        done = 0
        try:
            while not (all(future.done() for future in running) and ticks.empty()):
                try:
                    done += ticks.get(timeout=_PATIENCE_S)
                except queue.Empty:
                    continue
                progress(stage, done, total)
        finally:
            stop.set()
    return [future.result() for future in running]


def _run(work: _Work, ticks: "queue.SimpleQueue[int]", stop: Event) -> SourceResult:
    asked = found = 0
    problem = ""
    for number, size in enumerate(work.sizes):
        if stop.is_set():
            break
        try:
            found += work.ask(number)
        except SourceError as error:
            problem = f"{str(error).rstrip('.')}. {error.hint}".strip()
            break
        asked += size
        ticks.put(size)
    return SourceResult(work.name, asked, found, sum(work.sizes) - asked, problem)
