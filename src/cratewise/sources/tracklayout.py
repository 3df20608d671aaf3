"""Which column of a table with types, such as Parquet's, holds what: settled once a file, from its columns alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cratewise.csvrows import CsvTable
from cratewise.errors import DataFileError
from cratewise.sources import songtable
from cratewise.sources.trackfile import NEEDED, absent
from cratewise.trackcolumns import DATASET_NAMES, STATISTICS, ColumnNames

if TYPE_CHECKING:
    from polars import DataType

_TEXTS = ("title", "artists", "album")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a file keeps what.

    Attributes:
        columns: The file's name of the column for each of `track_id`, `title`, `artists`, `album`, `explicit` and the
            `QUANTITIES`; those that it doesn't have are left out.
        has_commas: Whether artists in one text are joined by commas, and not by semicolons.
        notes: What is missing, each as a sentence.
    """

    columns: Mapping[str, str]
    has_commas: bool = False
    notes: tuple[str, ...] = ()


def layout_of(
    file: str, schema: "Mapping[str, DataType]", any_semicolon: Callable[[str], bool] = lambda _column: True
) -> Layout:
    """Finds the columns that are known, by the names that the dataset, Exportify or others give them.

    A genre that stands in the file is never among them: a track is not to be classified from its answer.

    Args:
        file: Its name, for messages.
        schema: The columns' names and types.
        any_semicolon: Says of a column of texts whether there is a semicolon anywhere in the file.

    Raises:
        DataFileError: None of the columns says anything of songs, or one is of a type that cannot hold what it should.
    """
    header = CsvTable(file, tuple(schema), (), ",")
    names = songtable.names_in(header)
    columns = {role: found[0] for role, found in _spellings(names).items() if found}
    if not columns.keys() & {"title", "artists", *STATISTICS}:
        raise DataFileError(
            f"{file}: none of the columns is known{header.nearest_note('track_name', ())}", hint=f"{NEEDED}."
        )
    for role, column in columns.items():
        if wanted := _misfit(role, schema[column]):
            raise DataFileError(
                f"{file}, column {column!r}: it holds {schema[column]}, not {wanted}",
                hint="Convert that column, rename it if it means something else, or leave it out.",
            )
    layout = Layout(columns, notes=tuple(absent(header)))
    artists = columns.get("artists", "")
    is_the_datasets = all(header.column(*found) for found in (DATASET_NAMES.title, DATASET_NAMES.artists))
    if is_the_datasets or not songtable.is_of_several(artists) or not _is_text(schema[artists]):
        return layout
    return replace(layout, has_commas=not any_semicolon(artists))


def _spellings(names: ColumnNames) -> dict[str, tuple[str, ...]]:
    return {
        "track_id": names.track_id,
        **{role: getattr(names, role) for role in _TEXTS},
        "explicit": names.explicit,
        **names.quantities,
    }


def _misfit(role: str, kind: "DataType") -> str:
    """What a column should hold, where its type cannot; else nothing."""
    import polars

    if _is_text(kind) or kind == polars.Null:
        return ""
    if role == "artists":
        return "" if _holds_names(kind) else "names, or lists of names"
    if role in _TEXTS:
        return "text"
    if role == "track_id":
        return "" if kind.is_integer() else "ids"
    if kind.is_numeric() or kind == polars.Boolean:
        return ""
    return "true or false" if role == "explicit" else "numbers"


def _is_text(kind: "DataType") -> bool:
    import polars

    return kind in {polars.String, polars.Categorical, polars.Enum, polars.Binary}


def _holds_names(kind: "DataType") -> bool:
    """Whether it is a list of texts, or of objects that have a name, as Spotify's API gives artists."""
    import polars

    inner = getattr(kind, "inner", None)
    if isinstance(inner, polars.Struct):
        return any(field.name == "name" and field.dtype == polars.String for field in inner.fields)
    return inner is not None and (_is_text(inner) or inner == polars.Null)
