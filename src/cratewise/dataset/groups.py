"""Sets that are merged step by step (union-find)."""


class Groups:
    """The numbers 0 to `size - 1`, each alone at first; the smallest number leads each group."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def leader(self, member: int) -> int:
        """The smallest number of the group `member` is in."""
        while self._parent[member] != member:
            self._parent[member] = self._parent[self._parent[member]]
            member = self._parent[member]
        return member

    def join(self, first: int, second: int) -> None:
        """Merges the groups of two numbers."""
        one, other = self.leader(first), self.leader(second)
        self._parent[max(one, other)] = min(one, other)
