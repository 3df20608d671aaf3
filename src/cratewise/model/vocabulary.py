"""The tokens that the network knows, each with its row in a table; all others are unknown and say nothing.

A token that few artists use would only be learnt by heart, and a table indexed by hash alone would take what it never
saw for something else: so only tokens that several artists share get a row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cratewise.model.features import TokenArray


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Hashed tokens in order; row 0 of a table stands for no token.

    Attributes:
        tokens: uint32 (k,), ascending, without 0.
    """

    tokens: TokenArray

    @classmethod
    def shared_by(
        cls, n_owners: int, tokens: TokenArray, owners: NDArray[np.uint64], always: Iterable[int] = ()
    ) -> Self:
        """The tokens that at least `n_owners` different owners (artists) use, and some that are always known.

        Args:
            n_owners: How many.
            tokens: uint32 (n, t), 0 for none.
            owners: uint64 (n,), whose tokens each row holds.
            always: Tokens that are known whoever uses them.
        """
        rows, columns = np.nonzero(tokens)
        used = np.unique(np.stack([tokens[rows, columns].astype(np.uint64), owners[rows]]), axis=1)[0]
        found, counts = np.unique(used, return_counts=True)
        shared = found[counts >= n_owners].astype(np.uint32)
        return cls(np.union1d(shared, np.fromiter(always, dtype=np.uint32)))

    @property
    def n_rows(self) -> int:
        """Rows that a table for these tokens needs."""
        return len(self.tokens) + 1

    def rows(self, tokens: TokenArray) -> NDArray[np.int32]:
        """Rows of tokens, int32 of the same shape; 0 for none and for unknown ones."""
        if not len(self.tokens):
            return np.zeros(tokens.shape, dtype=np.int32)
        places = np.minimum(np.searchsorted(self.tokens, tokens), len(self.tokens) - 1)
        return np.where(self.tokens[places] == tokens, places + 1, 0).astype(np.int32)
