"""The library as the pages show it, read once and kept until it changes."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cratewise import workflows
from cratewise.app import Application
from cratewise.classification import SURE_FROM, percent_of
from cratewise.workflows import LibraryOverview, SongRow


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
    """What was in the library at one moment; each part is read when it is first asked for.

    Attributes:
        revision: Another one means that an open page may show what is no longer so. That the account was read again
            and nothing was found is no such thing.
        version: Another one means that anything may be otherwise, such as the address of a song's cover.
    """

    def __init__(self, app: Application) -> None:
        self._app = app
        self._account = app.library.accounts.latest()
        runs = [(run.run_id, run.state) for run in workflows.history(app)]
        account_id = self._account.account_id if self._account else ""
        words = (workflows.genre_changes(app), app.library.corrections.pins(account_id))
        liked = self._account and (account_id, self._account.name, self._account.liked_total)
        playlists = [
            (one.playlist_id, one.name, one.snapshot_id, one.exists)
            for one in app.library.playlists.managed(account_id)
        ]
        seen = (liked, app.library.genres.digest(account_id), words, runs, playlists)
        self.revision = _digest(seen)
        self.version = _digest((self.revision, self._account and self._account.synced_at))

    def read(self) -> None:
        """Reads what the overview shows."""
        _ = self.sureness, self.origins

    @property
    def overview(self) -> LibraryOverview:
        """The library at a glance."""
        return self._overview_and_songs[0]

    @property
    def songs(self) -> tuple[SongRow, ...]:
        """Every liked song, newest liked first."""
        return self._overview_and_songs[1]

    @cached_property
    def _overview_and_songs(self) -> tuple[LibraryOverview, tuple[SongRow, ...]]:
        return workflows.overview_and_songs(self._app)

    @cached_property
    def new(self) -> int | None:
        """Songs that were liked since the rules last wrote playlists; `None` where they have written none."""
        runs = (run for run in workflows.history(self._app) if run.state == "done" and not run.is_of_chosen_songs)
        written = next(runs, None)
        return None if written is None else sum(1 for row in self.songs if row.added_at > written.started_at)

    @cached_property
    def doubles(self) -> int:
        """Liked entries that are another release of a song that is liked already."""
        return self._entries - len(self.songs)

    @cached_property
    def left_aside(self) -> int:
        """Liked entries that are no songs on Spotify (local files, episodes); 0 while that is uncertain."""
        return max(0, self._account.liked_total - self._entries) if self._account else 0

    @cached_property
    def origins(self) -> Mapping[str, Mapping[str, int]]:
        """How many liked songs have statistics, and tags, from each source by its title; "" where they have none."""
        return {
            what: {workflows.source_title(source): count for source, count in found.items()}
            for what, found in workflows.known_from(self._app).items()
        }

    @cached_property
    def _entries(self) -> int:
        return sum(row.n_releases for row in self.songs)

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


def _digest(seen: object) -> str:
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:12]


def _sureness(row: SongRow) -> str:
    if row.is_unknown:
        return "unknown"
    return "unsure" if row.is_unsure else "sure" if row.confidence >= SURE_FROM else "fair"


def _columns(row: SongRow) -> list[object]:
    """The columns, in the order that `songs.js` reads them."""
    percent = percent_of(row.confidence)
    added_s = int(row.added_at.timestamp())
    is_said = row.said_by in ("song", "album", "artist")
    flags = int(row.is_unsure) + 2 * int(not row.is_available) + 4 * int(row.is_unknown) + 8 * int(is_said)
    song = (row.title, row.artists, row.album, row.genre, row.family)
    return [*song, percent, flags, added_s, row.reason, row.cover_url, row.track_id]
