"""Hiding inputs while training, so that the network learns to do with whatever a library has.

Each track of a batch loses inputs at random, alone and together: what was counted of the artist, and half the time of
the album (artists new to the data), popularity and statistics (new Spotify apps), tags of all sources but one (what a
person can get today).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from cratewise.model.corpus import MUSICBRAINZ, SOURCES
from cratewise.model.features import NUMBERS, STATISTICS
from cratewise.model.network import Inputs

N_SOUND = len(STATISTICS)
POPULARITY = NUMBERS.index("popularity")


@dataclass(frozen=True, slots=True)
class HidingRates:
    """Shares of a batch's tracks that lose an input; of those left with one source of tags, `musicbrainz` have that."""

    stranger: float = 0.35
    sound: float = 0.35
    popularity: float = 0.5
    popularity_alone: float = 0.25
    one_number: float = 0.05
    names: float = 0.3
    tags: float = 0.4
    one_source: float = 0.35
    musicbrainz: float = 0.4
    some_tags: float = 0.3
    counts: float = 0.2
    album: float = 0.35


def hide_popularity(numbers: Tensor, rate: float, generator: torch.Generator) -> Tensor:
    """A copy of numbers (n, len(NUMBERS)) with the popularity of a share of the tracks hidden."""
    numbers = numbers.clone()
    numbers[torch.rand(len(numbers), generator=generator) < rate, POPULARITY] = torch.nan
    return numbers


def hide(inputs: Inputs, sources: Tensor, rates: HidingRates, generator: torch.Generator) -> Inputs:
    """A copy of a batch with inputs hidden.

    Args:
        inputs: The batch, n tracks.
        sources: uint8 (n, t), for each tag token the bits of the sources that name it.
        rates: How often each input is hidden.
        generator: Where the chances come from.
    """
    n = len(inputs.numbers)

    def chance(rate: float, *shape: int) -> Tensor:
        return torch.rand(n, *(shape or (1,)), generator=generator) < rate

    stranger = chance(rates.stranger)
    numbers = hide_popularity(inputs.numbers, rates.popularity, generator)
    numbers[chance(rates.one_number, numbers.shape[1])] = torch.nan
    numbers[:, :N_SOUND][chance(rates.sound).expand(-1, N_SOUND)] = torch.nan
    keep_counts = ~(stranger | chance(rates.counts))
    tags, votes = _some_tags(inputs, sources, rates, generator)
    return inputs._replace(
        numbers=numbers,
        names=inputs.names * ~chance(rates.names),
        tags=tags * ~chance(rates.tags),
        tag_votes=votes,
        artist=inputs.artist * keep_counts,
        collaborators=inputs.collaborators * keep_counts,
        album=inputs.album * ~((stranger & chance(0.5)) | chance(rates.album)),
    )


def _some_tags(
    inputs: Inputs, sources: Tensor, rates: HidingRates, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Tag tokens and their votes, both (n, t): all, those of one source (a vote each), or a random share of them."""
    n = len(inputs.tags)
    mode = torch.rand(n, 1, generator=generator)
    one_source = mode < rates.one_source
    some = (mode >= rates.one_source) & (mode < rates.one_source + rates.some_tags)
    bit = 1 << torch.randint(0, len(SOURCES), (n, 1), generator=generator)
    bit = torch.where(torch.rand(n, 1, generator=generator) < rates.musicbrainz, MUSICBRAINZ, bit)
    share = torch.rand(n, 1, generator=generator)
    drawn = torch.rand(*inputs.tags.shape, generator=generator) < share
    kept = (~one_source | ((sources & bit) != 0)) & (~some | drawn)
    return inputs.tags * kept, torch.where(one_source, 1.0, inputs.tag_votes)
