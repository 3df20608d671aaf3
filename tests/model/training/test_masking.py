"""Hiding inputs in training: each rate takes what it names, all of it, and nothing else."""

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from cratewise.model.corpus import MUSICBRAINZ, SOURCES
from cratewise.model.features import NUMBERS, STATISTICS
from cratewise.model.masking import HidingRates, hide
from cratewise.model.network import Inputs

NOTHING_HIDDEN = HidingRates(**dict.fromkeys((rate.name for rate in fields(HidingRates)), 0.0))
POPULARITY, SOUND = NUMBERS.index("popularity"), range(len(STATISTICS))


@pytest.fixture
def inputs() -> Inputs:
    """Random inputs of 512 tracks, all of them there."""
    generator = torch.Generator().manual_seed(1)

    def drawn(width: int) -> torch.Tensor:
        return torch.rand(512, width, generator=generator) + 0.1

    names, tags = ((drawn(12) * 100).int() for _ in range(2))
    votes = torch.randint(2, 8, tags.shape, generator=generator).float()
    return Inputs(drawn(len(NUMBERS)), names, tags, votes, drawn(6), torch.ones(512, 1), drawn(5), drawn(5), drawn(5))


@pytest.mark.parametrize(
    ("rate", "emptied", "columns"),
    [
        ("sound", {"numbers"}, SOUND),
        ("popularity", {"numbers"}, [POPULARITY]),
        ("one_number", {"numbers"}, range(len(NUMBERS))),
        ("names", {"names"}, ()),
        ("tags", {"tags"}, ()),
        ("counts", {"artist", "collaborators"}, ()),
        ("album", {"album"}, ()),
        ("stranger", {"artist", "collaborators"}, ()),
    ],
)
def test_each_rate_hides_what_it_names(inputs: Inputs, rate: str, emptied: set[str], columns: Sequence[int]) -> None:
    """At a rate of 1 all of it goes and nothing else; a stranger's album is another matter, as half of them go."""
    sources = torch.full(inputs.tags.shape, 1, dtype=torch.uint8)
    hidden = hide(inputs, sources, replace(NOTHING_HIDDEN, **{rate: 1.0}), torch.Generator().manual_seed(3))
    for name, before, after in zip(Inputs._fields, inputs, hidden, strict=True):
        if name not in emptied and (rate, name) != ("stranger", "album"):
            assert torch.equal(after, before), name
        elif name == "numbers":
            gone = np.isin(np.arange(len(NUMBERS)), columns)
            assert torch.isnan(after[:, gone]).all()
            assert torch.equal(after[:, ~gone], before[:, ~gone])
        elif name in emptied:
            assert not after.any(), name
    if rate == "stranger":
        assert 0.4 < float((hidden.album == 0).all(dim=1).float().mean()) < 0.6


def test_tags_of_one_source_are_left(inputs: Inputs) -> None:
    """All that is left of a track's tags share a source, MusicBrainz as often as asked for, and each has one vote."""
    bits = 1 << torch.randint(0, len(SOURCES), inputs.tags.shape, generator=torch.Generator().manual_seed(2))
    sources = bits.to(torch.uint8)
    for share in (0.0, 1.0):
        rates = replace(NOTHING_HIDDEN, one_source=1.0, musicbrainz=share)
        hidden = hide(inputs, sources, rates, torch.Generator().manual_seed(3))
        kept = hidden.tags != 0
        assert 0.05 < float(kept.float().mean()) < 0.3
        assert torch.equal(hidden.tags[kept], inputs.tags[kept])
        assert all(len(row[some].unique()) <= 1 for row, some in zip(sources, kept, strict=True))
        assert (hidden.tag_votes == 1).all()
        of_musicbrainz = float((sources[kept] == MUSICBRAINZ).float().mean())
        assert of_musicbrainz == 1 if share else of_musicbrainz < 0.4
