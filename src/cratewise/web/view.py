"""The library as the pages show it, read once and kept until it changes."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cratewise import workflows
from cratewise.app import Application
from cratewise.workflows import LibraryOverview, SongRow

SURE_FROM = 0.8


@dataclass(frozen=True, slots=True)
class Sureness:
    """How many songs the classifier is sure, fairly sure, and unsure of, and how many it knows nothing of."""

    sure: int = 0
    fair: int = 0
    unsure: int = 0
    unknown: int = 0

    @property
    def songs(self) -> int:
        """All of them."""
        return self.sure + self.fair + self.unsure + self.unknown

    @property
    def level(self) -> int:
        """3 when four in five are sure, 2 when at least half are no guess, else 1; 0 without songs."""
        if not self.songs:
            return 0
        if self.sure >= 0.8 * self.songs:
            return 3
        return 2 if self.unsure + self.unknown <= 0.5 * self.songs else 1


class LibraryView:
    """What was in the library at one moment.

    Attributes:
        overview: The library at a glance.
        songs: Every liked song, newest liked first.
        doubles: Liked entries that are another release of a song that is liked already.
        left_aside: Liked entries that are no songs on Spotify (local files, episodes); 0 while that is uncertain.
        revision: Another one means that an open page may show what is no longer so.
    """

    def __init__(self, app: Application) -> None:
        self.overview: LibraryOverview = workflows.genre_overview(app)
        self.songs: tuple[SongRow, ...] = workflows.list_songs(app)
        account = app.library.accounts.latest()
        entries = sum(row.n_releases for row in self.songs)
        self.doubles: int = entries - len(self.songs)
        self.left_aside: int = max(0, account.liked_total - entries) if account else 0
        runs = [(run.run_id, run.state) for run in workflows.history(app)]
        seen = (self.overview.synced_at, [(row.track_id, row.genre, row.is_unsure) for row in self.songs], runs)
        self.revision = hashlib.sha256(repr(seen).encode()).hexdigest()[:12]

    @cached_property
    def songs_json(self) -> bytes:
        """Every song for the browser: rows without keys, since 20,000 of them are sent at once."""
        genres = {row.genre: row.genre_name for row in self.songs if row.genre}
        body = {"genres": genres, "songs": [_columns(row) for row in self.songs]}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    @cached_property
    def sureness(self) -> Mapping[str, Sureness]:
        """How sure the classifier is, by family; under "" for the whole library, with the unknown songs."""
        counts: Counter[tuple[str, str]] = Counter()
        for row in self.songs:
            if row.genre:
                word = _sureness(row)
                counts["", word] += 1
                if word != "unknown":  # then its family says nothing
                    counts[row.family, word] += 1
        families = {family for family, _ in counts} | {""}
        return {
            family: Sureness(**{word: counts[family, word] for word in ("sure", "fair", "unsure", "unknown")})
            for family in families
        }


def _sureness(row: SongRow) -> str:
    if row.is_unknown:
        return "unknown"
    return "unsure" if row.is_unsure else "sure" if row.confidence >= SURE_FROM else "fair"


def _columns(row: SongRow) -> list[object]:
    """The columns, in the order that `songs.js` reads them."""
    percent = round(row.confidence * 100)
    added_s = int(row.added_at.timestamp())
    flags = int(row.is_unsure) + 2 * int(not row.is_available) + 4 * int(row.is_unknown)
    song = (row.title, row.artists, row.album, row.genre, row.family)
    return [*song, percent, flags, added_s, row.reason, row.cover_url]
