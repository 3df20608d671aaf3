"""The tables of what the model remembers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cratewise.model.features import key
from cratewise.model.knowledge import Knowledge, LabelCounts, TagVectors, sum_rows
from cratewise.model.vocabulary import Vocabulary
from cratewise.tracks import Track


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=6), st.integers(0, 8))
def test_sums_are_those_of_looking_each_key_up(keys: list[list[int]], n_table: int) -> None:
    """Looking many lists up at once gives what a loop would."""
    table = np.arange(n_table, dtype=np.uint64)
    values = np.arange(n_table * 3, dtype=np.uint8).reshape(n_table, 3)
    sums, n_found = sum_rows(table, values, keys)
    for row, names in enumerate(keys):
        known = [name for name in names if name < n_table]
        assert n_found[row] == len(known)
        assert (sums[row] == values[known].sum(axis=0)).all()


def knowledge() -> Knowledge:
    """Two artists, one album, one tag vector; two labels."""
    artists = np.sort(np.array([key("Nas"), key("ABBA")], dtype=np.uint64))
    counts = np.array([[3, 0], [3, 0]], dtype=np.uint8)
    vectors = TagVectors.quantised(
        np.array([key("Nas")], dtype=np.uint64), np.array([[1.0, -0.5]], dtype=np.float32), 1 / 127
    )
    albums = LabelCounts(np.array([key("album Illmatic")], dtype=np.uint64), np.array([[0, 9]], dtype=np.uint8))
    no_words = Vocabulary(np.zeros(0, dtype=np.uint32))
    return Knowledge(no_words, no_words, LabelCounts(artists, counts), albums, vectors)


def test_a_known_artist_is_recalled() -> None:
    """Counts go to first artist, collaborators and album; the tag vector comes back to within a step."""
    track = Track("a", artists=("nas", "ABBA"), album="Illmatic")
    found = knowledge().recall([track, Track("b", artists=("Nobody",))])
    assert found.artist.tolist() == [[3, 0], [0, 0]]
    assert found.collaborators.tolist() == [[3, 0], [0, 0]]
    assert found.album.tolist() == [[0, 9], [0, 0]]
    assert np.allclose(found.tag_vector[0], [1.0, -0.5], atol=0.01)
    assert found.has_tag_vector.tolist() == [[1], [0]]


def test_nobody_is_recalled_as_nothing() -> None:
    """A track without artists and an empty list do no harm."""
    assert not knowledge().recall([Track("a")]).artist.any()
    assert knowledge().recall([]).artist.shape == (0, 2)
