"""A partition: the answers of one slice as a Parquet file, whole or not there, with the counts of what is in it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from cratewise.model.tally import Tally
from cratewise.sources.gaps import Gaps
from cratewise.tracks import plain
from cratewise.wholefile import write_whole

if TYPE_CHECKING:
    from polars import DataFrame

_MARK = "cratewise:counts"


@dataclass(frozen=True, slots=True)
class Counts:
    """What came of some tracks, and what they lacked."""

    tally: Tally = field(default_factory=Tally)
    gaps: Gaps = field(default_factory=Gaps)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Made of what `to_json` gave."""
        found: Mapping[str, Any] = json.loads(text)
        return cls(Tally.from_plain(found["tally"]), Gaps.from_plain(found["gaps"]))

    def to_json(self) -> str:
        """As a text, the same for the same counts."""
        return json.dumps({"tally": plain(self.tally), "gaps": plain(self.gaps)}, sort_keys=True)

    def __add__(self, later: "Counts") -> "Counts":
        return Counts(self.tally + later.tally, self.gaps + later.gaps)


def write_partition(path: Path, frames: Sequence["DataFrame"], counts: Counts, folder: Path) -> None:
    """Writes a partition.

    Args:
        path: Its name; nothing is there before all of it is.
        frames: Its rows in order.
        counts: What is in it.
        folder: Where it stands until it is whole, on the same file system.

    Raises:
        DataFileError: It cannot be written.
    """
    import polars

    def write(part: Path) -> None:
        try:
            polars.concat(frames).write_parquet(part, metadata={_MARK: counts.to_json()})
        except polars.exceptions.PolarsError as error:
            raise OSError(str(error)) from error

    write_whole(path, write, beside=folder)


def counts_in(path: Path, n_rows: int) -> Counts | None:
    """The counts of a partition that is there and whole; `None` where it has to be made (again)."""
    import polars

    if not path.exists():
        return None
    try:
        counts = Counts.from_json(polars.read_parquet_metadata(path)[_MARK])
    except (OSError, polars.exceptions.PolarsError, polars.exceptions.PanicException, ValueError, KeyError, TypeError):
        return None
    return counts if counts.tally.n_tracks == n_rows else None
