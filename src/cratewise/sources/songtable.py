"""Any other CSV file of songs: as public sets, shops and people's own lists name their columns.

Columns are told by their names without capitals, spaces and punctuation. A genre that stands in the file is never read:
a song is not to be classified from its answer.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from cratewise.csvrows import CsvTable
from cratewise.progress import Progress
from cratewise.sources.exportify import bare_id, comma_separated
from cratewise.trackcolumns import QUANTITIES, STATISTICS, ColumnNames, TrackRow, read_tracks_of, separated

_TITLE = ("trackname", "songname", "songtitle", "tracktitle", "song", "title", "track", "name")
_SEVERAL_ARTISTS = ("artists", "artistnames", "artistsname", "artistsnames", "trackartists")
_ONE_ARTIST = ("artistname", "trackartist", "artist", "performer", "singer", "band")
_ALBUM = ("albumname", "trackalbumname", "album", "albumtitle")
_TRACK_ID = ("trackid", "spotifyid", "spotifytrackid", "trackuri", "spotifyuri", "uri", "id")
_QUANTITIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "popularity": ("popularity", "trackpopularity"),
        "duration_ms": ("durationms", "trackdurationms", "lengthms"),
        "loudness_db": ("loudness", "loudnessdb"),
        "tempo_bpm": ("tempo", "tempobpm", "bpm"),
        "time_signature": ("timesignature",),
    }
)


def names_in(table: CsvTable) -> ColumnNames:
    """What the columns of a table are called that are known here."""
    header = {_folded(name): name for name in reversed(table.header)}

    def found(*spellings: str) -> tuple[str, ...]:
        return tuple(header[spelling] for spelling in spellings if spelling in header)

    return ColumnNames(
        track_id=found(*_TRACK_ID),
        title=found(*_TITLE),
        artists=found(*_SEVERAL_ARTISTS, *_ONE_ARTIST),
        album=found(*_ALBUM),
        explicit=found("explicit", "isexplicit"),
        quantities={name: found(*_QUANTITIES.get(name, (name,))) for name in QUANTITIES},
    )


def recognises(table: CsvTable) -> bool:
    """Whether the table says anything of songs: titles, artists or statistics."""
    names = names_in(table)
    return bool(names.title or names.artists or any(names.quantities[name] for name in STATISTICS))


def read(table: CsvTable, progress: Progress, stage: str) -> Iterator[TrackRow]:
    """Makes a track of each row, in their order; of several artists in a field, each.

    Raises:
        CsvError: A value cannot be understood.
    """
    names = names_in(table)
    column = table.column(*names.artists)
    has_commas = (
        column is not None and is_of_several(column.name) and not any(";" in column.text(row) for row in table.rows)
    )
    for part in table.parts(progress, stage):
        for row, found in zip(part.rows, read_tracks_of(part, names), strict=True):
            artists = artists_of("" if column is None else column.text(row), has_commas)
            yield replace(found, track=replace(found.track, track_id=bare_id(found.track.track_id), artists=artists))


def is_of_several(column: str) -> bool:
    """Whether a column of artists is called as one that holds several in a field."""
    return _folded(column) in _SEVERAL_ARTISTS


def artists_of(text: str, has_commas: bool) -> tuple[str, ...]:
    """The artists of a field: a list as Python writes it, or names joined by semicolons or commas."""
    if text.startswith("[") and text.endswith("]"):
        try:
            listed = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            listed = None  # somebody's name
        if isinstance(listed, list):
            return tuple(name for one in listed if (name := str(one).strip()))
    return comma_separated(text) if has_commas else separated(text, ";")


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
