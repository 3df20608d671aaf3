"""Writes what the classifier said of a file's tracks: one row a track, in the file's order."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cratewise.classification import Classification
from cratewise.errors import DataFileError
from cratewise.model.features import FloatArray
from cratewise.tracks import Track
from cratewise.wholefile import write_whole

if TYPE_CHECKING:
    from cratewise.model.classifier import Answers, Classifier

SUFFIXES = (".csv", ".parquet", ".json")


def check_destination(path: Path, source: Path) -> None:
    """Finds out before any work whether results could be written there.

    Raises:
        DataFileError: The file's ending isn't known, its folder isn't there, or it is the file that is read.
    """
    if path.suffix.casefold() not in SUFFIXES:
        raise DataFileError(f"cannot write {path.name!r}", hint=f"Its name has to end in {', '.join(SUFFIXES)}.")
    if not path.parent.is_dir():
        raise DataFileError(f"there is no folder {path.parent}", hint="Make it first, or name another.")
    if path.exists() and source.exists() and path.samefile(source):
        raise DataFileError(f"{path} is the file that is read", hint="Name another file to write to.")
    if path.is_dir():
        raise DataFileError(f"{path} is a folder", hint="Name a file in it.")


def columns_of(
    tracks: Sequence[Track],
    verdicts: Sequence[Classification],
    classifier: "Classifier",
    answers: "Answers",
    level: str | None,
) -> dict[str, Any]:
    """The columns of the result, each n long.

    `level` adds probabilities of each "family", "genre" or "label", and a likeness places on the map as `x` and `y`.
    """
    taxonomy, manifest = classifier.taxonomy, classifier.manifest
    columns: dict[str, Any] = {
        "track_id": [track.track_id for track in tracks],
        "title": [track.title for track in tracks],
        "artists": [";".join(track.artists) for track in tracks],
        "genre": [taxonomy.genre(verdict.genre).name for verdict in verdicts],
        "family": [taxonomy.genre(verdict.family).name for verdict in verdicts],
        "confidence": [round(verdict.confidence, 4) for verdict in verdicts],
        "runner_up": [taxonomy.genre(verdict.runner_up).name for verdict in verdicts],
        "reason": [verdict.reason for verdict in verdicts],
    }
    if answers.likeness is not None:
        columns |= {"x": answers.likeness.place[:, 0], "y": answers.likeness.place[:, 1]}
    p = answers.probabilities
    families, styles = ([genre.name for genre in genres] for genres in (taxonomy.families, taxonomy.styles))
    match level:
        case "family":
            columns |= _named(families, p.families)
        case "genre":
            columns |= _named(families, p.families) | _named(styles, p.styles)
        case "label" if answers.labels is not None:
            columns |= _named(manifest.labels, answers.labels)
    return columns


def _named(names: Sequence[str], values: FloatArray) -> dict[str, FloatArray]:
    return {f"p:{name}": values[:, place] for place, name in enumerate(names)}


def write_results(columns: Mapping[str, Any], path: Path) -> None:
    """Writes the columns as CSV, Parquet or JSON (a list of objects), by the file's ending; whole or not at all.

    Raises:
        DataFileError: It cannot be written.
    """
    has_probabilities = any(isinstance(values, np.ndarray) for values in columns.values())

    def write(part: Path) -> None:
        if path.suffix.casefold() == ".csv" and not has_probabilities:
            _write_texts(columns, part)
        else:
            _write_frame(columns, part, path.suffix.casefold())

    write_whole(path, write)


def _write_texts(columns: Mapping[str, Any], path: Path) -> None:
    """As CSV, without polars: to import it takes longer than to write ten thousand songs."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _write_frame(columns: Mapping[str, Any], path: Path, suffix: str) -> None:
    import polars

    frame = polars.DataFrame(dict(columns))
    try:
        match suffix:
            case ".csv":
                frame.write_csv(path)
            case ".parquet":
                frame.write_parquet(path)
            case _:
                frame.write_json(path)
    except polars.exceptions.PolarsError as error:
        raise OSError(str(error)) from error
