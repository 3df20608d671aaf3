"""Dealing songs and artists out to parts."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cratewise.dataset.artists import NO_PART, Repertoire, deal_out_artists
from cratewise.dataset.stratify import deal_out, shuffled

SHARES = (0.6, 0.2, 0.2)


def test_the_order_of_keys_does_not_matter() -> None:
    """A key's turn depends on the seed and on itself."""
    keys = [f"key {number}" for number in range(50)]
    turned = [keys[index] for index in shuffled(keys, 4)]
    assert turned == [keys[::-1][index] for index in shuffled(keys[::-1], 4)]
    assert turned != [keys[index] for index in shuffled(keys, 5)]


_counts = st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=1, max_size=30)


@given(_counts)
def test_every_group_gets_a_part(counts: list[list[int]]) -> None:
    """Groups without any label included."""
    matrix = np.array(counts, dtype=np.int64)
    parts = deal_out(matrix, np.maximum(matrix.max(axis=1), 1), SHARES, range(len(counts)))
    assert set(parts.tolist()) <= {0, 1, 2}


def test_a_single_label_is_dealt_out_exactly() -> None:
    """Twenty alike give twelve, four and four."""
    parts = deal_out(np.ones((20, 1), dtype=np.int64), np.ones(20, dtype=np.int64), SHARES, range(20))
    assert np.bincount(parts).tolist() == [12, 4, 4]


@settings(deadline=None)
@given(st.lists(st.sets(st.integers(0, 8), min_size=1, max_size=4), min_size=1, max_size=40))
def test_artists_are_never_parted(credits: list[set[int]]) -> None:
    """Whoever plays with whom: songs in different parts have no artist in common."""
    artists = [tuple(sorted(names)) for names in credits]
    ones = np.ones(len(artists), dtype=np.int64)
    parts = deal_out_artists(Repertoire(artists, ones[:, None], ones, 9), SHARES, range(9))
    part_of: dict[int, set[int]] = {}
    for names, part in zip(artists, parts.tolist(), strict=True):
        for name in names if part != NO_PART else ():
            part_of.setdefault(name, set()).add(part)
    assert all(len(found) == 1 for found in part_of.values())
    assert len(parts) == len(artists)
