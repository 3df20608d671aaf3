"""How the audio statistics go with the families: mean z-scores, and what they say in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from cratewise.model.features import NUMBERS, FloatArray

N_ERRORS = 3.0
"""A difference is more than noise when it is so many standard errors."""
SLIGHT, PLAIN, MUCH = 0.25, 0.5, 1.0
"""Differences, in deviations between songs, from which the words are "slightly higher", "higher", "much higher"."""
MIN_ARTISTS = 10.0
"""Of a family with fewer artists nothing is said: the standard errors of so few are too uncertain themselves."""
N_ENDS = 3
"""How many families are named at either end of a statistic."""

_UP_AND_DOWN = ("higher", "lower")
_NAMES = {
    "loudness_db": "loudness",
    "tempo_bpm": "tempo",
    "mode": "major mode",
    "time_signature": "beats a bar",
    "log_duration": "length",
}
_COMPARED = {
    "mode": ("more often in major", "more often in minor"),
    "time_signature": ("more beats a bar", "fewer beats a bar"),
    "log_duration": ("longer", "shorter"),
    "explicit": ("more often explicit", "less often explicit"),
    "popularity": ("more popular", "less popular"),
}
"""What is said instead of "higher mode"."""
_WITHOUT_ENDS = ("key",)
"""Pitch classes go round in a circle: their mean is shown, but "higher" says nothing of it."""


@dataclass(frozen=True, slots=True)
class SoundProfile:
    """Mean z-score of each statistic in each family, over the songs that are learnt from.

    Attributes:
        families: Names of the f families that have songs.
        statistics: Names of the c statistics that are known of any song, as in `features.NUMBERS`.
        means: float (f, c), in deviations between songs; 0 is the mean of all songs.
        errors: float (f, c), standard errors of the means.
        explained: float (c,), share of a statistic's variance that lies between families (eta squared).
        n_songs: float (f,), songs of each family, shared out where a song has several.
        n_artists: float (f,), effective number of their artists (Kish 1965): fewer than there are, if some have most
            of the songs.
    """

    families: tuple[str, ...]
    statistics: tuple[str, ...]
    means: NDArray[np.float64]
    errors: NDArray[np.float64]
    explained: NDArray[np.float64]
    n_songs: NDArray[np.float64]
    n_artists: NDArray[np.float64]

    @property
    def titles(self) -> tuple[str, ...]:
        """The statistics' names for people."""
        return tuple(_NAMES.get(name, name) for name in self.statistics)

    @property
    def is_more_than_noise(self) -> NDArray[np.bool_]:
        """Which differences are worth a word, (f, c)."""
        is_worth_it = (np.abs(self.means) >= SLIGHT) & (np.abs(self.means) >= N_ERRORS * self.errors)
        is_worth_it[:, [name in _WITHOUT_ENDS for name in self.statistics]] = False
        is_worth_it[self.n_artists < MIN_ARTISTS] = False
        return is_worth_it


def sound_profile(
    numbers: FloatArray,
    shares: FloatArray,
    songs: NDArray[np.int64],
    artists: NDArray[np.uint64],
    families: Sequence[str],
) -> SoundProfile:
    """Measures how n tracks' statistics go with f families; a song counts once, however many releases it has.

    Songs of one artist sound alike, so standard errors are robust to that (Liang and Zeger 1986, by artist).

    Args:
        numbers: float (n, len(NUMBERS)), NaN where unknown.
        shares: float (n, f), each track's shares of the families, or zeros.
        songs: int (n,), the song of each.
        artists: uint64 (n,), the first artist of each.
        families: Names of the families.
    """
    kept: list[int] = np.flatnonzero(shares.sum(axis=0) > 0).tolist()
    columns: list[int] = np.flatnonzero(~np.isnan(numbers).all(axis=0)).tolist()
    _, song, n_releases = np.unique(songs, return_inverse=True, return_counts=True)
    of_song = 1 / n_releases[song]
    _, artist = np.unique(artists, return_inverse=True)
    weights = shares[:, kept] * of_song[:, None]
    means, errors = (np.zeros((len(kept), len(columns))) for _ in range(2))
    explained = np.zeros(len(columns))
    for place, column in enumerate(columns):
        known = ~np.isnan(numbers[:, column])
        values, weight = numbers[known, column].astype(np.float64), weights[known]
        centre = np.average(values, weights=of_song[known])
        spread = np.sqrt(np.average(np.square(values - centre), weights=of_song[known]))
        z = (values - centre) / max(spread, 1e-9)
        total = np.maximum(weight.sum(axis=0), 1e-9)
        means[:, place] = weight.T @ z / total
        off = _by(artist[known], weight * (z[:, None] - means[:, place]))
        errors[:, place] = np.sqrt(np.square(off).sum(axis=0)) / total
        explained[place] = _between(means[:, place], weight, z)
    of_artist = _by(artist, weights)
    return SoundProfile(
        tuple(families[index] for index in kept),
        tuple(NUMBERS[column] for column in columns),
        means,
        errors,
        explained,
        weights.sum(axis=0),
        np.square(of_artist.sum(axis=0)) / np.square(of_artist).sum(axis=0),
    )


def _by(groups: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums rows by group."""
    sums = np.zeros((groups.max(initial=-1) + 1, values.shape[1]))
    np.add.at(sums, groups, values)
    return sums


def _between(means: NDArray[np.float64], weight: NDArray[np.float64], z: NDArray[np.float64]) -> float:
    """Variance between families over all variance, when each song is of a family drawn by its shares."""
    of_family, of_song = weight.sum(axis=0), weight.sum(axis=1)
    centre = (of_song @ z) / max(of_song.sum(), 1e-9)
    between = of_family @ np.square(means - centre)
    return float(between / max(of_song @ np.square(z - centre), 1e-9))


def family_sentences(profile: SoundProfile) -> dict[str, str]:
    """For each family what sets its sound apart, strongest first: "much higher energy and loudness; longer"."""
    sentences = {}
    for family, means, is_worth_it in zip(profile.families, profile.means, profile.is_more_than_noise, strict=True):
        ranked = [int(c) for c in np.argsort(-np.abs(means), kind="stable") if is_worth_it[c]]
        phrases = [_phrase(profile.statistics[c], profile.titles[c], float(means[c])) for c in ranked]
        said = [
            " ".join(filter(None, (*how, joined([noun for _, noun in group]))))
            for how, group in ((how, list(group)) for how, group in groupby(phrases, key=lambda phrase: phrase[0]))
        ]
        sentences[family] = "; ".join(said) or "nothing that stands out"
    return sentences


def _phrase(statistic: str, title: str, difference: float) -> tuple[tuple[str, str], str]:
    """Degree and comparative, and the noun they go with: (("much", "higher"), "energy")."""
    size = abs(difference)
    degree = "much" if size >= MUCH else "" if size >= PLAIN else "slightly"
    if statistic in _COMPARED:
        return (degree, _COMPARED[statistic][difference < 0]), ""
    return (degree, _UP_AND_DOWN[difference < 0]), title


def statistic_sentences(profile: SoundProfile) -> dict[str, str]:
    """For each statistic the families at its ends: "highest in Metal (+1.2); lowest in Folk"."""
    sentences = {}
    for column, title in enumerate(profile.titles):
        means, is_worth_it = profile.means[:, column], profile.is_more_than_noise[:, column]
        order = [int(f) for f in np.argsort(-means, kind="stable") if is_worth_it[f]]
        ends = {
            "highest": [f for f in order if means[f] > 0][:N_ENDS],
            "lowest": [f for f in reversed(order) if means[f] < 0][:N_ENDS],
        }
        said = [
            f"{end} in " + joined([f"{profile.families[f]} ({signed(means[f])})" for f in found])
            for end, found in ends.items()
            if found
        ]
        sentences[title] = "; ".join(said) or "no family stands out"
    return sentences


def signed(value: float) -> str:
    """A difference to one place, with a true minus."""
    return f"{value:+.1f}".replace("-", "\u2212") if abs(value) >= 0.05 else "0.0"


def percent(share: float) -> str:
    """ "43 %"."""
    return f"{100 * share:.0f} %"


def joined(words: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
