"""What travels with the weights: the order of the outputs, what they were made from, and how good they are."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_origin

from cratewise.errors import ModelError

FORMAT = 2
"""Raised when older programs cannot read newer models, or the path from tracks to arrays changes."""

MANIFEST = "manifest.json"
GENRES = "genres.onnx"
LABELS = "labels.onnx"
LIKENESS = "likeness.onnx"
KNOWLEDGE = "knowledge.npz"
FILES = (GENRES, LABELS, LIKENESS, KNOWLEDGE)
"""The files of a model beside its manifest."""

MEND = "Reinstall cratewise, or name another folder: `cratewise train` writes one."
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything about a model but its numbers.

    Attributes:
        format: `FORMAT` of the program that wrote it.
        labels: Dataset labels in the order of the output.
        families: Slugs of the families in the order of the output.
        styles: Slugs of the styles in the order of the output; "no style in particular" of each family follows.
        fitted_on: "training part" or "all rows".
        split: How the report's parts were made, "song" or "artist".
        seed: Seed of split and fit.
        recipe: The recipe's values.
        data: sha256 of each input file, by kind.
        figures: The report's figures on the test part, by row.
        files: sha256 of the files beside the manifest, by name.
    """

    format: int
    labels: tuple[str, ...]
    families: tuple[str, ...]
    styles: tuple[str, ...]
    fitted_on: str
    split: str
    seed: int
    recipe: dict[str, Any]
    data: dict[str, str]
    figures: dict[str, dict[str, float]]
    files: dict[str, str]

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits that differ between any two models."""
        return checksum(self.files)[:12]

    def write(self, folder: Path) -> None:
        """Writes the manifest into the model's folder, with a checksum of itself."""
        content = asdict(self)
        text = json.dumps(content | {"checksum": checksum(content)}, indent=1, ensure_ascii=False)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Reads the manifest of a model and checks that the files beside it are the ones it was written for.

    Raises:
        ModelError: A file is missing, damaged, or not of this program.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise ModelError(f"the model in {folder} has format {str(found['format'])[:60]!r}, not {FORMAT}", hint=MEND)
        if found.pop("checksum") != checksum(found):
            raise ModelError(f"{folder / MANIFEST} is damaged, or was changed by hand", hint=MEND)
        manifest = Manifest(**{field.name: _value(found, field) for field in fields(Manifest)})
    except OSError as error:
        raise ModelError(f"there is no model in {folder}: {error.strerror}", hint=MEND) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"[:_LONGEST_REASON]
        raise ModelError(f"{folder / MANIFEST} is not the manifest of a model: {reason}", hint=MEND) from error
    for name in FILES:
        if fingerprint(folder / name) != manifest.files.get(name):
            raise ModelError(f"{folder / name} is damaged or belongs to another model", hint=MEND)
    return manifest


def _value(found: dict[str, Any], field: Field[Any]) -> Any:
    """The value of a field, with the type that `Manifest` gives it; a tuple is one of texts."""
    value = found[field.name]
    kind: Any = get_origin(field.type) or field.type
    if kind is tuple and isinstance(value, list) and all(isinstance(name, str) for name in value):
        return tuple(value)
    if kind is tuple or not isinstance(value, kind):
        raise TypeError(f"{field.name} is {str(value)[:60]!r}")
    return value


def checksum(content: Mapping[str, Any]) -> str:
    """sha256 of what a manifest says, in hexadecimal, however it is laid out."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def fingerprint(path: Path) -> str:
    """sha256 of a file, in hexadecimal.

    Raises:
        ModelError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}", hint=MEND) from error
