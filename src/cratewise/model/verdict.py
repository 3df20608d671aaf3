"""From the network's numbers to what a person reads: the genre, how sure it is, and why. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cratewise.classification import LEAST_OTHER, Classification
from cratewise.genres.taxonomy import Taxonomy
from cratewise.model.features import FloatArray
from cratewise.tracks import Track

STYLE_SHARE = 0.5
"""A style is named when it holds at least so much of its family's probability; else the family is."""
NOTHING = "Nothing is known of it that tells a genre; no audio statistics."
AGREES = 0.5
"""The sound is said to agree when it raises the genre's logit by so much more than the mean genre's."""

_SOURCES = ("the tags of its artists", "its sound", "its names", "other songs of the artist or album")
"""The experts in words, in the order of `network.EXPERTS`; of the names those are named that are there."""
_SOUND, _NAMES = 1, 2
_NONE = -1
_MOST_OTHERS = 3


def verdicts(
    taxonomy: Taxonomy,
    tracks: Sequence[Track],
    families: FloatArray,
    styles: FloatArray,
    pulls: FloatArray,
    least_confidence: float,
) -> list[Classification]:
    """What the program says of n tracks, in their order.

    Args:
        taxonomy: The genres, in the order of the arrays.
        tracks: The tracks.
        families: float (n, f), probabilities.
        styles: float (n, s), probabilities.
        pulls: float (n, 4, f), what tags, sound, names and label counts add to the families' logits.
        least_confidence: Under it a track is unsure.
    """
    rows = np.arange(len(tracks))
    ranked = np.argsort(-families, axis=1, kind="stable")
    first = ranked[:, 0]
    confidences = families[rows, first]
    best_styles = _standing_out(taxonomy, styles, first, confidences)
    towards = pulls[rows, :, first] - pulls.mean(axis=2)
    strongest = np.where(towards.any(axis=1), towards.argmax(axis=1), _NONE)
    agrees = (towards[:, _SOUND] > AGREES) & (strongest != _SOUND)
    next_ones = ranked[:, 1 : 1 + _MOST_OTHERS]
    columns = (
        first,
        next_ones,
        np.take_along_axis(families, next_ones, axis=1),
        best_styles,
        confidences,
        strongest,
        agrees,
    )
    said = []
    for track, (best, others, chances, style, confidence, source, is_agreed) in zip(
        tracks, zip(*(column.tolist() for column in columns), strict=True), strict=True
    ):
        family, runner_up = taxonomy.families[best], taxonomy.families[others[0]]
        genre = family if style == _NONE else taxonomy.styles[style]
        is_unsure = confidence < least_confidence
        reason = _reason(track, source, is_agreed)
        if is_unsure and source != _NONE:
            reason = f"Between {family.name} and {runner_up.name}, {reason[0].lower()}{reason[1:]}"
        told = tuple(
            (taxonomy.families[place].slug, chance)
            for place, chance in zip(others, chances, strict=True)
            if chance >= LEAST_OTHER
        )
        said.append(
            Classification(track.track_id, genre.slug, family.slug, confidence, runner_up.slug, is_unsure, reason, told)
        )
    return said


def _standing_out(
    taxonomy: Taxonomy, styles: FloatArray, first: NDArray[np.intp], confidences: FloatArray
) -> NDArray[np.intp]:
    """The likeliest style of each track's family, int (n,), `_NONE` where it holds too little of the family."""
    found = np.full(len(first), _NONE)
    for place in set(first.tolist()):  # numpy's `unique` would import its masked arrays
        slug = taxonomy.families[place].slug
        members = np.array([index for index, style in enumerate(taxonomy.styles) if style.family == slug], dtype=int)
        rows = np.flatnonzero(first == place)
        if len(members):
            of_family = styles[np.ix_(rows, members)]
            stands_out = of_family.max(axis=1) >= STYLE_SHARE * confidences[rows]
            found[rows] = np.where(stands_out, members[of_family.argmax(axis=1)], _NONE)
    return found


def _reason(track: Track, source: int, sound_agrees: bool) -> str:
    """Which input spoke most for the genre, and what was missing."""
    if source == _NONE:
        return NOTHING
    agreeing = ", and its sound agrees" if sound_agrees else ""
    by = f"its {_names_of(track)}" if source == _NAMES else _SOURCES[source]
    missing = "" if track.statistics and not track.statistics.is_empty else "; no audio statistics"
    return f"By {by}{agreeing}{missing}."


def _names_of(track: Track) -> str:
    """Which names a track has, in words."""
    texts = {"title": track.title, "album": track.album, "artist's name": "".join(track.artists)}
    *firsts, last = [name for name, text in texts.items() if text.strip()]
    return f"{', '.join(firsts)} and {last}" if firsts else last
