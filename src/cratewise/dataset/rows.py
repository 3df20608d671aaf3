"""The dataset's rows as they stand in its file, before anything is merged."""

from dataclasses import dataclass

from cratewise.trackcolumns import TrackRow


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """One row of the file: a track, and the one genre label it was gathered under."""

    row: TrackRow
    label: str


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """The whole file.

    Attributes:
        rows: Its rows in the order of the file.
        fingerprint: sha256 of its bytes, in hexadecimal.
    """

    rows: tuple[LabelledRow, ...]
    fingerprint: str
