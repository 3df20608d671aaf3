"""From the network's numbers to what a person reads: the genre, how sure it is, and why. Pure."""

import numpy as np

from cratewise.classification import Classification
from cratewise.genres.taxonomy import Taxonomy
from cratewise.model.features import FloatArray
from cratewise.tracks import Track

STYLE_SHARE = 0.4
"""A style is named when it holds at least so much of its family's probability; else the family is."""
NOTHING = "Nothing is known of it that tells a genre; no audio statistics."
AGREES = 0.5
"""The sound is said to agree when it raises the genre's logit by so much more than the mean genre's."""

_SOURCES = ("the tags of its artists", "its sound", "its title and album", "other songs of the artist or album")
"""The experts in words, in the order of `network.EXPERTS`."""
_SOUND = 1


def verdict(
    taxonomy: Taxonomy,
    track: Track,
    families: FloatArray,
    styles: FloatArray,
    pulls: FloatArray,
    least_confidence: float,
) -> Classification:
    """What the program says of one track.

    Args:
        taxonomy: The genres, in the order of the arrays.
        track: The track.
        families: float (f,), probabilities.
        styles: float (s,), probabilities.
        pulls: float (4, f), what tags, sound, names and label counts add to the families' logits.
        least_confidence: Under it the track is unsure.
    """
    first, second = (int(place) for place in np.argsort(-families, kind="stable")[:2])
    family, runner_up = taxonomy.families[first], taxonomy.families[second]
    confidence = float(families[first])
    members = [index for index, style in enumerate(taxonomy.styles) if style.family == family.slug]
    best = max(members, key=lambda index: float(styles[index]), default=None)
    stands_out = best is not None and float(styles[best]) >= STYLE_SHARE * confidence
    genre = taxonomy.styles[best].slug if best is not None and stands_out else family.slug
    is_unsure = confidence < least_confidence
    reason = _reason(track, pulls[:, first] - pulls.mean(axis=1))
    if is_unsure and reason != NOTHING:
        reason = f"Between {family.name} and {runner_up.name}, {reason[0].lower()}{reason[1:]}"
    return Classification(track.track_id, genre, family.slug, confidence, runner_up.slug, is_unsure, reason)


def _reason(track: Track, pull: FloatArray) -> str:
    """Which input spoke most for the genre, and what was missing."""
    if not np.any(pull):
        return NOTHING
    strongest = int(pull.argmax())
    agreeing = ", and its sound agrees" if strongest != _SOUND and pull[_SOUND] > AGREES else ""
    missing = "" if track.statistics and not track.statistics.is_empty else "; no audio statistics"
    return f"By {_SOURCES[strongest]}{agreeing}{missing}."
