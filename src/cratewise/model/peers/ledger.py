"""What a comparison has measured so far: each figure is written down at once, so that a stopped run can go on."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cratewise.errors import ModelError
from cratewise.model.evaluation import Figures

LEDGER = "baselines.json"


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that decides the figures but the peers: they can be compared only where all of it is the same.

    Attributes:
        split: "song" or "artist".
        seed: Seed of the split and of every fit.
        data: sha256 of each input file, by kind.
    """

    split: str
    seed: int
    data: dict[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """What one peer reached in one row.

    Attributes:
        row: The row's name.
        peer: The peer's name.
        settings: All that decides the peer.
        figures: Figures on the test part.
        temperature: What its logits were divided by, fitted on the validation part.
        fit_s: Wall time of the fit in seconds, the encoding not counted.
        predict_s: Wall time of the prediction of the test part, likewise.
        encode_s: Wall time of fitting the row's encoding and of encoding all parts, the same for all peers.
        n_threads: Threads that were used.
    """

    row: str
    peer: str
    settings: dict[str, Any]
    figures: Figures
    temperature: float
    fit_s: float
    predict_s: float
    encode_s: float
    n_threads: int


@dataclass(slots=True)
class Ledger:
    """The file of a comparison.

    Attributes:
        folder: Where it lies.
        terms: What it holds for.
        results: What was measured, in order.
    """

    folder: Path
    terms: Terms
    results: list[Result] = field(default_factory=list)

    @classmethod
    def opened(cls, folder: Path, terms: Terms) -> "Ledger":
        """Goes on with the folder's ledger, or starts one.

        Raises:
            ModelError: The folder cannot be made, or holds figures of other data, another split or another seed.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            content = (folder / LEDGER).read_bytes()
        except FileNotFoundError:
            return cls(folder, terms)
        except OSError as error:
            raise ModelError(
                f"the folder {folder} cannot be used: {error.strerror}", hint="Name another with --out."
            ) from error
        try:
            found = json.loads(content)
            results = [Result(**entry | {"figures": Figures(**entry["figures"])}) for entry in found.pop("results")]
            before = Terms(**found)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"{folder / LEDGER} is not a ledger of `cratewise baselines`: {error!r}",
                hint="Name another folder with --out.",
            ) from error
        check_terms(terms, before, str(folder), "Name another folder with --out, or give the same arguments.")
        return cls(folder, terms, results)

    def find(self, row: str, peer: str, settings: dict[str, Any]) -> Result | None:
        """What was measured of a peer in a row.

        Raises:
            ModelError: It was measured with other settings.
        """
        for result in self.results:
            if (result.row, result.peer) == (row, peer):
                if json.dumps(result.settings) != json.dumps(settings):
                    raise ModelError(
                        f"{self.folder} has {peer} with the settings {result.settings}, not {settings}",
                        hint="Name another folder with --out.",
                    )
                return result
        return None

    def add(self, result: Result) -> None:
        """Writes a result down, whole or not at all."""
        self.results.append(result)
        content = asdict(self.terms) | {"results": [asdict(entry) for entry in self.results]}
        part = self.folder / f"{LEDGER}.part"
        part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        part.replace(self.folder / LEDGER)


def check_terms(wanted: Terms, found: Terms, where: str, hint: str) -> None:
    """Makes sure that figures found somewhere can be compared.

    Raises:
        ModelError: They are of other data, another split or another seed.
    """
    if found.split != wanted.split:
        raise ModelError(f"{where} is split by {found.split}, not by {wanted.split}", hint=hint)
    if found.seed != wanted.seed:
        raise ModelError(f"{where} has seed {found.seed}, not {wanted.seed}", hint=hint)
    for kind in sorted(found.data.keys() | wanted.data.keys()):
        if found.data.get(kind) != wanted.data.get(kind):
            raise ModelError(f"{where} was made with another file of {kind.replace('_', ' ')}", hint=hint)
