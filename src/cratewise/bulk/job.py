"""One job: what goes in, what is asked for, and where it goes; written down so that it can be gone on with."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cratewise import __version__
from cratewise.bulk.inputs import InputFile
from cratewise.bulk.slices import SLICE_ROWS, Counted, Slice, slices_of
from cratewise.errors import DataFileError
from cratewise.wholefile import unwritable, write_whole

FORMAT = 1
"""Raised when partitions of older programs cannot stand beside newer ones."""
MANIFEST = "manifest.json"
PARTITIONS = "partitions"
LOCK = ".lock"
PART = ".cratewise-*.part"
"""What a partition is called until it is whole; `write_whole` names it."""
_OTHER_FOLDER = "Name another folder with --out: nothing in this one was touched."


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for.

    Attributes:
        probabilities: "family", "genre" or "label" for columns p:<name>, else `None`.
        places: Whether there are columns x and y.
        least_confidence: Under this probability a song is unsure.
    """

    probabilities: str | None
    places: bool
    least_confidence: float


@dataclass(frozen=True)
class Job:
    """All that a worker must know.

    Attributes:
        files: The input.
        out: The folder that the partitions are written into, absolute.
        options: What is asked for.
        model: Folder of the model, absolute; `None` is the shipped one.
        model_version: The version it must have.
        slice_rows: Rows of a slice.
    """

    files: tuple[InputFile, ...]
    out: Path
    options: Options
    model: Path | None
    model_version: str
    slice_rows: int = SLICE_ROWS

    @cached_property
    def slices(self) -> tuple[Slice, ...]:
        """All the work there is, in order."""
        return tuple(slices_of((Counted(file.name, file.n_rows) for file in self.files), self.slice_rows))

    def partition(self, piece: Slice) -> Path:
        """Where a slice's partition is, once it is whole."""
        return self.out / PARTITIONS / piece.partition

    @property
    def described(self) -> dict[str, Any]:
        """What must be the same for two runs to fill one folder, as the manifest has it."""
        return {
            "format": FORMAT,
            "cratewise": __version__,
            "model": self.model_version,
            "options": asdict(self.options),
            "slice_rows": self.slice_rows,
            "files": [
                {"name": file.name, "rows": file.n_rows, "bytes": file.n_bytes, "sha256": file.sha256}
                for file in self.files
            ],
        }


def check_folder(out: Path, source: Path) -> None:
    """Finds out before any work whether a job could be written into a folder, which may not be there yet.

    Raises:
        DataFileError: It is a file, is the input or lies within it, has no parent, or holds other things.
    """
    if out.exists() and not out.is_dir():
        raise DataFileError(f"{out} is a file", hint="Name a folder: a catalogue is written as several files.")
    if not out.parent.is_dir():
        raise DataFileError(f"there is no folder {out.parent}", hint="Make it first, or name another.")
    if source.exists() and source.is_dir() and out.resolve().is_relative_to(source.resolve()):
        raise DataFileError(f"{out} is in the folder that is read", hint="Name a folder outside of it with --out.")
    strangers = _strangers(out) if out.is_dir() else []
    if strangers:
        others = f" and {len(strangers) - 1:,} others" if len(strangers) > 1 else ""
        raise DataFileError(f"{out} holds {strangers[0]!r}{others}, which is not of such a job", hint=_OTHER_FOLDER)


def _strangers(out: Path) -> list[str]:
    names = sorted(path.name for path in out.iterdir() if not path.match(PART))
    if MANIFEST in names:
        return [name for name in names if name not in {MANIFEST, PARTITIONS, LOCK}]
    is_begun = PARTITIONS in names and not any((out / PARTITIONS).iterdir())
    return [name for name in names if name != LOCK and not (name == PARTITIONS and is_begun)]


def begin(job: Job) -> None:
    """Writes down what the job is, or checks that the folder was begun with the very same.

    Raises:
        DataFileError: Input, model, options or program are others than those the folder was begun with, or it cannot be
            written.
    """
    path = job.out / MANIFEST
    if path.exists():
        if differences := list(_differences(_read(path), job.described)):
            raise DataFileError(f"{job.out} was begun with {'; '.join(differences)}", hint=_OTHER_FOLDER)
        return
    try:
        (job.out / PARTITIONS).mkdir(exist_ok=True)
    except OSError as error:
        raise unwritable(job.out, error) from error
    text = json.dumps(job.described, indent=1, ensure_ascii=False) + "\n"
    write_whole(path, lambda part: part.write_text(text, encoding="utf-8"))


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found, dict) and isinstance(found["files"], list):
            return found
    except OSError as error:
        raise DataFileError(f"{path} cannot be read: {error.strerror}", hint="Check its permissions.") from error
    except (ValueError, KeyError, RecursionError):
        pass
    raise DataFileError(f"{path} is not the manifest of such a job", hint=_OTHER_FOLDER)


def _differences(begun: dict[str, Any], wanted: dict[str, Any]) -> Any:
    """What differs, each in words a person can act on."""
    for name, value in wanted.items():
        if name == "files" or begun.get(name) == value:
            continue
        yield f"{name} {json.dumps(begun.get(name))}, not {json.dumps(value)}"
    before = {str(file.get("name")): file for file in begun["files"] if isinstance(file, dict)}
    now = {file["name"]: file for file in wanted["files"]}
    changed = [name for name in now if name in before and before[name] != now[name]]
    if changed:
        yield f"another content of {changed[0]}" + (f" and {len(changed) - 1:,} more" if len(changed) > 1 else "")
    if before.keys() != now.keys():
        yield f"{len(before):,} input files, of which {len(before.keys() & now.keys()):,} are here, not {len(now):,}"
