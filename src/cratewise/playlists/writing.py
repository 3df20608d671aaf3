"""Writing to one playlist: in batches, and looking before anything uncertain is sent again."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from cratewise.playlists.account import BATCH, PlaylistAccount, PlaylistHead, UncertainWriteError
from cratewise.tracks import normalised

LAG_S = 3.0
"""How long to wait before looking whether a write was carried out: reading lags a second or two behind writing."""

LAGS_S = (LAG_S, 2 * LAG_S, 4 * LAG_S)
"""How long to wait, one time after the other, for a playlist that may have been created: a second one is worse."""

MAX_UNCERTAIN_WRITES = 3
"""How often an uncertain write is sent again before the run is stopped, to be resumed later."""


@dataclass(frozen=True, slots=True)
class Insert:
    """Puts songs in at a position, `None` for the end."""

    uris: tuple[str, ...]
    position: int | None

    def carried_out(self, contents: tuple[str | None, ...]) -> tuple[str | None, ...]:
        """The contents afterwards."""
        at = len(contents) if self.position is None else self.position
        return (*contents[:at], *self.uris, *contents[at:])


@dataclass(frozen=True, slots=True)
class Remove:
    """Takes every occurrence of songs out."""

    uris: tuple[str, ...]

    def carried_out(self, contents: tuple[str | None, ...]) -> tuple[str | None, ...]:
        """The contents afterwards."""
        gone = set(self.uris)
        return tuple(uri for uri in contents if uri not in gone)


class PlaylistWriter:
    """One playlist while it is written to.

    Attributes:
        contents: URIs of all entries in order, as they stand after what was sent.
        snapshot_id: Of these contents; empty when a write's answer was lost.
    """

    def __init__(
        self,
        account: PlaylistAccount,
        playlist_id: str,
        contents: tuple[str | None, ...],
        snapshot_id: str,
        pause: Callable[[float], None],
    ) -> None:
        self.contents = contents
        self.snapshot_id = snapshot_id
        self._account = account
        self._playlist_id = playlist_id
        self._pause = pause

    def insert(self, uris: Sequence[str], position: int | None, *, perhaps_sent: bool) -> None:
        """Puts a batch in, less what is in already.

        Where it may have been sent before, one of it that is in shows that it was: what is missing then was taken out
        by the person, and stays out.

        Args:
            uris: At most 100.
            position: Where, `None` for the end.
            perhaps_sent: Whether it may have been sent before.

        Raises:
            UncertainWriteError: Too many answers were lost.
        """
        there_before = set[str | None]() if perhaps_sent else set(self.contents)
        for attempt in range(MAX_UNCERTAIN_WRITES + 1):
            held = set(self.contents)
            missing = tuple(uri for uri in uris if uri not in held)
            if not missing or not (held - there_before).isdisjoint(uris):
                return
            try:
                self._send(Insert(missing, position))
            except UncertainWriteError:
                if attempt == MAX_UNCERTAIN_WRITES:
                    raise
                self._look_again()
            else:
                return

    def write(self, next_write: Callable[[tuple[str | None, ...]], Insert | Remove | None]) -> None:
        """Sends what `next_write` makes of the contents, again and again, until there is nothing left to send.

        Raises:
            UncertainWriteError: Too many answers were lost.
        """
        lost = 0
        while (write := next_write(self.contents)) is not None:
            try:
                self._send(write)
            except UncertainWriteError:
                lost += 1
                if lost > MAX_UNCERTAIN_WRITES:
                    raise
                self._look_again()

    def _look_again(self) -> None:
        self._pause(LAG_S)
        self.contents = self._account.contents(self._playlist_id)
        self.snapshot_id = ""

    def _send(self, write: Insert | Remove) -> None:
        if isinstance(write, Insert):
            self.snapshot_id = self._account.add(self._playlist_id, write.uris, write.position)
        else:
            self.snapshot_id = self._account.remove(self._playlist_id, write.uris, self.snapshot_id or None)
        self.contents = write.carried_out(self.contents)


def remove_those_in(contents: Sequence[str | None], unwanted: Collection[str]) -> Remove | None:
    """The next batch of `unwanted` that is still in `contents`."""
    found = [uri for uri in dict.fromkeys(contents) if uri is not None and uri in unwanted]
    return Remove(tuple(found[:BATCH])) if found else None


def heads_with(
    account: PlaylistAccount, expected: Collection[str], pause: Callable[[float], None]
) -> dict[str, PlaylistHead]:
    """The account's own playlists by id; where an expected one is missing, it is looked for once more after the lag."""
    heads = {head.playlist_id: head for head in account.own_playlists()}
    if not heads.keys() >= set(expected):
        pause(LAG_S)
        heads = {head.playlist_id: head for head in account.own_playlists()}
    return heads


def find_created(
    account: PlaylistAccount,
    name: str,
    description: str,
    namesakes: Collection[str],
    pause: Callable[[float], None],
) -> PlaylistHead | None:
    """The playlist that a creation without an answer left behind: empty, so called and described, and not there before.

    Reading lags, so it is looked for a few times before it counts as not created.
    """
    for lag_s in LAGS_S:
        pause(lag_s)
        for head in account.own_playlists():
            is_alike = head.name == name and normalised(head.description) == normalised(description)
            if is_alike and head.total == 0 and head.playlist_id not in namesakes:
                return head
    return None


def unfollow(account: PlaylistAccount, playlist_id: str, pause: Callable[[float], None]) -> None:
    """Takes a playlist out of the library, and looks whether it is still there where the answer was lost.

    Raises:
        UncertainWriteError: Too many answers were lost.
    """
    for _ in range(MAX_UNCERTAIN_WRITES):
        try:
            account.unfollow(playlist_id)
        except UncertainWriteError:
            pause(LAG_S)
            if all(head.playlist_id != playlist_id for head in account.own_playlists()):
                return
        else:
            return
    account.unfollow(playlist_id)
