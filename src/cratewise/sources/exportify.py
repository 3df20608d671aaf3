"""The CSV files that Exportify writes, of every vintage seen: with or without statistics, genres and ids.

exportify.net and exportify.app and their forks name columns a little differently, and joined artists by ", " or
"," before they joined them by ";".
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, combinations, product
from types import MappingProxyType

from cratewise.csvcolumns import Column, CsvRow
from cratewise.csvrows import CsvTable
from cratewise.progress import Progress
from cratewise.trackcolumns import OF_THE_TRACK, ColumnNames, TrackRow, read_tracks_of, separated

NAMES = ColumnNames(
    track_id=("Track URI", "Spotify URI", "Spotify ID", "Track ID"),
    title=("Track Name",),
    artists=("Artist Name(s)", "Artist Names", "Artist Name"),
    album=("Album Name",),
    explicit=("Explicit",),
    quantities=MappingProxyType(
        {
            "popularity": ("Popularity",),
            "duration_ms": ("Duration (ms)", "Track Duration (ms)"),
            "danceability": ("Danceability",),
            "energy": ("Energy",),
            "key": ("Key",),
            "loudness_db": ("Loudness",),
            "mode": ("Mode",),
            "speechiness": ("Speechiness",),
            "acousticness": ("Acousticness",),
            "instrumentalness": ("Instrumentalness",),
            "liveness": ("Liveness",),
            "valence": ("Valence",),
            "tempo_bpm": ("Tempo",),
            "time_signature": ("Time Signature",),
        }
    ),
)
_RELEASE_DATES = ("Release Date", "Album Release Date")
_ARTIST_IDS = ("Artist URI(s)", "Artist IDs", "Artist ID(s)")
_GENRES = ("Genres", "Artist Genres")
_ISRC = ("ISRC",)
_LIKED_AT = ("Added At",)
_SPOTIFY_ID = re.compile(r"(?:^|spotify:track:|/track/)([0-9A-Za-z]{22})(?:\?.*)?$")
_EPISODE = re.compile(r"^spotify:episode:|/episode/")
_ARTIST_ID = re.compile(r"(?:^|spotify:artist:|/artist/)([0-9A-Za-z]{22})(?:\?.*)?$")
# The columns of exportify.app, whose names are in the language of whoever used it, in its order: those that are always
# there, then three groups for the asking.
_IN_ORDER = (
    *("Track URI", "Track Name", "Artist URI(s)", "Artist Name(s)", "Album URI", "Album Name", "Album Artist URI(s)"),
    *("Album Artist Name(s)", "Album Release Date", "Album Image URL", "Disc Number", "Track Number"),
    *("Track Duration (ms)", "Track Preview URL", "Explicit", "Popularity", "ISRC"),
)
_ADDED = (("Added By", "Added At"), ("Is Playable", "Added By", "Added At"))
_GROUPS = (
    ("Artist Genres",),
    tuple(names[0] for name, names in NAMES.quantities.items() if name not in OF_THE_TRACK),
    ("Album Genres", "Label", "Copyrights"),
)
_ADDRESSES = MappingProxyType({0: "spotify:track:", 2: "spotify:artist:", 4: "spotify:album:", 6: "spotify:artist:"})
_LONGEST_CODE = 40  # characters; a recording code has 12, and some write it with hyphens or spaces
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_POSSIBLE_YEARS = range(1860, 2101)  # from the oldest recording of a voice; Spotify gives 0000 where it doesn't know
_NEVER = 1970
_POSSIBLE_LIKES = range(_NEVER + 1, 2101)
_UNESCAPED_COMMA = re.compile(r"(?<!\\),(?:\s+|(?!\d))")  # not that of 10,000 Maniacs
# Names that must not be cut apart in files that join artists by commas.
_NAMES_WITH_COMMAS = (
    "Black Country, New Road",
    "Blood, Sweat & Tears",
    "Crosby, Stills & Nash",
    "Crosby, Stills, Nash & Young",
    "Dave Dee, Dozy, Beaky, Mick & Tich",
    "Earth, Wind & Fire",
    "Emerson, Lake & Palmer",
    "Lambert, Hendricks & Ross",
    "Medeski, Martin & Wood",
    "Now, Now",
    "Oh, Sleeper",
    "Peter, Paul & Mary",
    "Peter, Paul and Mary",
    "Tyler, The Creator",
    "Up, Bustle and Out",
)


def recognises(table: CsvTable) -> bool:
    """Whether the table's columns are those of an Exportify file."""
    return bool(table.column("Track Name") and table.column(*NAMES.artists))


def in_english(table: CsvTable) -> CsvTable:
    """The table with English names where Exportify wrote them in another language; else as it is.

    The language is not known, the order is: Spotify's addresses tell that it is this one.
    """
    if recognises(table) or not table.rows:
        return table
    values = table.rows[0].values
    if len(values) < len(_IN_ORDER) or not all(values[at].startswith(kind) for at, kind in _ADDRESSES.items()):
        return table
    for n_groups in range(len(_GROUPS) + 1):
        for added, groups in product(_ADDED, combinations(_GROUPS, n_groups)):
            header = (*_IN_ORDER, *added, *chain.from_iterable(groups))
            if len(header) == len(values) and _is_time(values[header.index("Added At")]):
                return replace(table, header=header)
    return table


def read(table: CsvTable, progress: Progress, stage: str) -> Iterator[TrackRow]:
    """Makes a track of each row, in their order.

    Raises:
        CsvError: A value cannot be understood.
    """
    columns = _Columns(table)
    for part in table.parts(progress, stage):
        for row, track_row in zip(part.rows, read_tracks_of(part, NAMES), strict=True):
            yield columns.complete(row, track_row)


class _Columns:
    """What an Exportify file has beyond the columns of every track file."""

    def __init__(self, table: CsvTable) -> None:
        self._artists = table.column(*NAMES.artists)
        self._artist_ids = table.column(*_ARTIST_IDS)
        self._release_date = table.column(*_RELEASE_DATES)
        self._genres = table.column(*_GENRES)
        self._isrc = table.column(*_ISRC)
        self._liked_at = table.column(*_LIKED_AT)
        self._joined_by_semicolons = any(";" in _text(self._artists, row) for row in table.rows)

    def complete(self, row: CsvRow, track_row: TrackRow) -> TrackRow:
        """The track with what only this kind of file says."""
        track = track_row.track
        year, left_out = self._year(row)
        liked_at, unread = self._moment(row)
        genres = separated(_text(self._genres, row).replace(";", ","), ",")
        artists = track.artists if self._joined_by_semicolons else self._comma_separated(row)
        return replace(
            track_row,
            track=replace(
                track,
                track_id=bare_id(track.track_id),
                artists=artists,
                release_year=year,
                isrc=self._code(row),
                artist_tags=tuple(dict.fromkeys(genres)),
            ),
            left_out=(*track_row.left_out, *left_out, *unread),
            liked_at=liked_at,
            artist_ids=_artist_ids(_text(self._artist_ids, row), len(artists)),
        )

    def _comma_separated(self, row: CsvRow) -> tuple[str, ...]:
        """The artists of an older file; a comma may also belong to a name."""
        text = _text(self._artists, row)
        if self._artist_ids is not None and len(separated(self._artist_ids.text(row), ",")) == 1:
            return separated(text.replace("\\,", ","), ";")
        return comma_separated(text)

    def _code(self, row: CsvRow) -> str:
        """The recording code; nothing that is too long to be one."""
        text = _text(self._isrc, row)
        return text if len(text) <= _LONGEST_CODE else ""

    def _year(self, row: CsvRow) -> tuple[int | None, tuple[str, ...]]:
        """The year of release, and the column's name if it holds a date that gives none."""
        text = _text(self._release_date, row)
        if self._release_date is None or not text:
            return None, ()
        if not any(character.isdigit() for character in text):
            raise self._release_date.error(row, "a date")
        found = _YEAR.search(text)
        if found and int(found[0]) in _POSSIBLE_YEARS:
            return int(found[0]), ()
        return None, (self._release_date.name,)

    def _moment(self, row: CsvRow) -> tuple[datetime | None, tuple[str, ...]]:
        """When the song was liked, and the column's name if it holds what is no such time.

        It is in UTC where it names no zone; 1970 is written where nothing is known.
        """
        text = _text(self._liked_at, row)
        if self._liked_at is None or not text:
            return None, ()
        try:
            moment = datetime.fromisoformat(text)
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None, (self._liked_at.name,)
        if moment.year in _POSSIBLE_LIKES:
            return moment, ()
        return None, () if moment.year <= _NEVER else (self._liked_at.name,)


def comma_separated(text: str) -> tuple[str, ...]:
    """Artists joined by ", " or ","; a comma behind a backslash, or known to belong to a name, parts nothing."""
    for name in _NAMES_WITH_COMMAS:
        text = text.replace(name, name.replace(",", "\\,"))
    pieces = _UNESCAPED_COMMA.split(text)
    return tuple(name for piece in pieces if (name := piece.replace("\\,", ",").strip()))


def bare_id(text: str) -> str:
    """The bare id of a URI or link; a local file keeps its whole URI, which is all that tells it apart."""
    found = _SPOTIFY_ID.search(text)
    return found[1] if found else text


def is_episode(track_id: str) -> bool:
    """Whether an id, as `bare_id` leaves it, is the URI or link of an episode of a podcast."""
    return _EPISODE.search(track_id) is not None


def _is_time(text: str) -> bool:
    return re.match(r"\d{4}-\d\d-\d\dT", text) is not None


def _artist_ids(text: str, n_artists: int) -> tuple[str, ...]:
    """The bare ids in a joined text; none unless there is one for each artist."""
    found = [_ARTIST_ID.search(part) for part in separated(text.replace(";", ","), ",")]
    ids = tuple(one[1] for one in found if one)
    return ids if len(ids) == len(found) == n_artists else ()


def _text(column: Column | None, row: CsvRow) -> str:
    return "" if column is None else column.text(row)
