"""What a run measured."""

from dataclasses import dataclass

from cratewise.model.evaluation import Figures
from cratewise.model.report.confusions import FamilyConfusions, MixUp
from cratewise.model.report.sound import SoundProfile
from cratewise.model.report.words import TellingWords


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch: its number from 1, mean loss, and top-1 hit rate on a fixed sample of the validation part."""

    number: int
    loss: float
    validation_top_1: float


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured under one condition.

    Attributes:
        name: The condition's name.
        text: The condition in words.
        figures: Figures of the dataset labels.
        extra: Further figures by name.
        thresholds: For each label the probability above which it counts as given, from the validation part.
        reliability: (mean confidence, share of hits, tracks) by bin.
        f1_by_label: F1 of each label.
        mix_ups: The most frequent confusions of labels.
    """

    name: str
    text: str
    figures: Figures
    extra: dict[str, float]
    thresholds: tuple[float, ...]
    reliability: tuple[tuple[float, float, int], ...]
    f1_by_label: tuple[float, ...]
    mix_ups: tuple[MixUp, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All that a run measured.

    Attributes:
        split: "song" or "artist".
        seed: Seed of the run.
        sizes: Tracks by part.
        labels: Names of the labels.
        rows: One entry a condition, all on the test part.
        curve: The epochs.
        n_bytes: Size of the exported model.
        sound: How the statistics go with the families, in the training part.
        words: Tags and words that tell a family, in the training part.
        families: Confusions of families on the test part; `None` where no track has a tagged artist.
    """

    split: str
    seed: int
    sizes: dict[str, int]
    labels: tuple[str, ...]
    rows: tuple[Row, ...]
    curve: tuple[Epoch, ...]
    n_bytes: int
    sound: SoundProfile
    words: tuple[TellingWords, ...]
    families: FamilyConfusions | None
