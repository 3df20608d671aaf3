"""Which words the network knows."""

import numpy as np

from cratewise.model.vocabulary import Vocabulary

TOKENS = np.array([[7, 9, 0], [7, 7, 0], [9, 5, 0]], dtype=np.uint32)


def test_only_words_of_several_artists_are_known() -> None:
    """A word that one artist uses often is not known, one that two artists use is."""
    owners = np.array([1, 1, 2], dtype=np.uint64)
    assert Vocabulary.shared_by(2, TOKENS, owners).tokens.tolist() == [9]
    assert Vocabulary.shared_by(1, TOKENS, owners).tokens.tolist() == [5, 7, 9]


def test_unknown_words_say_nothing() -> None:
    """Known tokens get rows from 1, everything else row 0."""
    vocabulary = Vocabulary(np.array([5, 9], dtype=np.uint32))
    assert vocabulary.rows(TOKENS).tolist() == [[0, 2, 0], [0, 0, 0], [2, 1, 0]]
    assert vocabulary.n_rows == 3


def test_an_empty_vocabulary_knows_nothing() -> None:
    """Without words every token is unknown."""
    assert not Vocabulary(np.zeros(0, dtype=np.uint32)).rows(TOKENS).any()
