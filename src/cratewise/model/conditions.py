"""The inputs a track may have when it is predicted: one condition for each row of the published table."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cratewise.model.corpus import MUSICBRAINZ
from cratewise.model.features import NUMBERS, STATISTICS
from cratewise.model.network import Inputs

POPULARITY = NUMBERS.index("popularity")


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that is known of some tracks.

    Attributes:
        inputs: All inputs, given tags among them, but no remembered tag vectors.
        sources: uint8 (n, t), sources of the tag tokens.
        tag_vector: float (n, d), remembered tag vector.
        has_tag_vector: float (n, 1).
    """

    inputs: Inputs
    sources: Tensor
    tag_vector: Tensor
    has_tag_vector: Tensor

    def rows(self, index: Tensor) -> "Known":
        """What is known of some of the tracks."""
        return Known(self.inputs.rows(index), self.sources[index], self.tag_vector[index], self.has_tag_vector[index])


def everything(known: Known) -> Inputs:
    """All there is, remembered tags included."""
    return known.inputs._replace(tag_vector=known.tag_vector, has_tag_vector=known.has_tag_vector)


def no_statistics(known: Known) -> Inputs:
    """What a new Spotify app gets: no audio statistics, no popularity."""
    numbers = known.inputs.numbers.clone()
    numbers[:, : len(STATISTICS)] = torch.nan
    numbers[:, POPULARITY] = torch.nan
    return everything(known)._replace(numbers=numbers)


def no_tags(known: Known) -> Inputs:
    """No tags, neither given nor remembered."""
    return known.inputs._replace(tags=torch.zeros_like(known.inputs.tags))


def _without_popularity(inputs: Callable[[Known], Inputs]) -> Callable[[Known], Inputs]:
    def less(known: Known) -> Inputs:
        found = inputs(known)
        numbers = found.numbers.clone()
        numbers[:, POPULARITY] = torch.nan
        return found._replace(numbers=numbers)

    return less


def no_popularity(known: Known) -> Inputs:
    """All but popularity."""
    return _without_popularity(everything)(known)


def statistics_only(known: Known) -> Inputs:
    """The columns that published work uses: statistics, duration, explicit and popularity."""
    blank = Inputs(*(torch.zeros_like(array) for array in known.inputs))
    return blank._replace(numbers=known.inputs.numbers)


def musicbrainz_only(known: Known) -> Inputs:
    """Of the tags only those of MusicBrainz, nothing remembered."""
    tags = known.inputs.tags * ((known.sources & MUSICBRAINZ) != 0)
    return known.inputs._replace(tags=tags, tag_votes=torch.ones_like(known.inputs.tag_votes))


def remembered(known: Known) -> Inputs:
    """No tags given; what the model remembers of the artists."""
    return no_tags(known)._replace(tag_vector=known.tag_vector, has_tag_vector=known.has_tag_vector)


@dataclass(frozen=True, slots=True)
class Condition:
    """A row of the report.

    Attributes:
        row: Its name in files, such as "1-everything".
        text: What it is, for a reader.
        inputs: Hides what isn't there.
        applies: Which tracks it is judged on, bool (n,); `None` for all.
    """

    row: str
    text: str
    inputs: Callable[[Known], Inputs]
    applies: Callable[[Known], Tensor] | None = None

    def judged(self, known: Known, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of some rows that it is judged on."""
        return rows if self.applies is None else rows[self.applies(known.rows(torch.from_numpy(rows))).numpy()]


def _has_musicbrainz(known: Known) -> Tensor:
    return (musicbrainz_only(known).tags != 0).any(dim=1)


def _is_remembered(known: Known) -> Tensor:
    return known.has_tag_vector[:, 0] > 0


CONDITIONS: dict[str, tuple[Condition, ...]] = {
    "song": (
        Condition("1-everything", "everything", everything),
        Condition("1-no-popularity", "everything but popularity", no_popularity),
        Condition("2-no-statistics", "no statistics, no popularity", no_statistics),
        Condition("3-no-tags", "no tags", no_tags),
        Condition("3-no-popularity", "no tags, no popularity", _without_popularity(no_tags)),
        Condition("4-statistics-only", "statistics and popularity only", statistics_only),
        Condition("4-no-popularity", "statistics only", _without_popularity(statistics_only)),
    ),
    "artist": (
        Condition("5-everything", "everything", everything),
        Condition("5-no-popularity", "everything but popularity", no_popularity),
        Condition("6-no-tags", "no tags", no_tags),
        Condition("6-no-popularity", "no tags, no popularity", _without_popularity(no_tags)),
        Condition(
            "7-musicbrainz-only", "MusicBrainz tags only, tracks that have one", musicbrainz_only, _has_musicbrainz
        ),
        Condition(
            "7-no-popularity",
            "MusicBrainz tags only, no popularity",
            _without_popularity(musicbrainz_only),
            _has_musicbrainz,
        ),
        Condition("8-remembered", "no tags given, artist in the model's memory", remembered, _is_remembered),
        Condition(
            "8-no-popularity",
            "no tags given, artist remembered, no popularity",
            _without_popularity(remembered),
            _is_remembered,
        ),
    ),
}
"""Rows of the report by the kind of split."""

FAMILY_CONDITIONS: dict[str, tuple[str, str]] = {
    "song": ("families", "3-no-tags"),
    "artist": ("9-families", "6-no-tags"),
}
"""Under which condition families are judged, and the name of that row in files: without tags, for tags are the truth
that they are judged by."""

CALIBRATED: tuple[Condition, ...] = tuple({row.text: row for rows in CONDITIONS.values() for row in rows}.values())
"""Patterns of inputs that confidence is fitted on: all rows of the report, whatever the split."""
