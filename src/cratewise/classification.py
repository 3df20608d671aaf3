"""What the classifier says of one track, as every room sees it."""

from dataclasses import dataclass

LEAST_CONFIDENCE = 0.4
"""Confidence under which a song counts as unsure, unless the person chose another."""
SURE_FROM = 0.8
"""Confidence from which on a genre needs nobody to look at it."""
LEAST_OTHER = 0.1
"""Chance from which on another family than the best is told of a song."""
UNKNOWN_BELOW = 0.15
"""Confidence under which a song's genre is unknown: its best guess is hardly more than the commonest genre's share."""


def percent_of(share: float) -> int:
    """A share, 0 to 1, in whole percent as people are told it: 100 only of all, and 0 only of nothing."""
    if 0 < share < 1:
        return min(99, max(1, round(share * 100)))
    return round(share * 100)


@dataclass(frozen=True, slots=True)
class Classification:
    """The genre of one track, and how sure that is.

    Attributes:
        track_id: The track's id.
        genre: Slug of the most fitting node of the taxonomy: a style, or the family where no style stands out.
        family: Slug of the family `genre` belongs to.
        confidence: Probability that `family` is right, 0 to 1.
        runner_up: Slug of the next family, as a second guess.
        is_unsure: True when the confidence is under what was asked for; `genre` is then only the best guess.
        reason: One short sentence on what decided it, or why it is unsure.
        others: Other families with a chance of `LEAST_OTHER` or more, the likeliest first, at most three.
    """

    track_id: str
    genre: str
    family: str
    confidence: float
    runner_up: str
    is_unsure: bool
    reason: str
    others: tuple[tuple[str, float], ...] = ()

    @property
    def is_unknown(self) -> bool:
        """True when an unsure genre is not even a guess: as good as nothing is known of the track."""
        return self.is_unsure and self.confidence < UNKNOWN_BELOW
