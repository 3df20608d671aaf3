"""What the workflows need to be handed: the Application offers it, tests may wire their own."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from cratewise.classification import Classification
from cratewise.drawer import Drawer
from cratewise.settings import Settings
from cratewise.tracks import Track

if TYPE_CHECKING:
    from cratewise.genres.taxonomy import Taxonomy
    from cratewise.library.store import Library
    from cratewise.sources.online import OnlineSources
    from cratewise.workflows.account import Account


def working_alone(app: "Services") -> AbstractContextManager[None]:
    """Nobody else reads the account into this library or writes playlists while the block runs.

    Raises:
        InUseError: Somebody does, in this process or another.
    """
    return app.alone(
        "account",
        "Another cratewise is reading or writing this account right now.",
        "Wait until it is done, then look at the account again with a sync.",
    )


class SongClassifier(Protocol):
    """Names the genres of songs."""

    @property
    def version(self) -> str:
        """Which model it is; songs are classified anew when it changes."""

    def classify(self, tracks: Sequence[Track], *, least_confidence: float) -> list[Classification]:
        """One classification for each track, in the same order."""


class Services(Protocol):
    """Settings, and the parts made from them; each part is opened when it is first asked for."""

    @property
    def settings(self) -> Settings:
        """The settings everything was made from."""

    @property
    def library(self) -> "Library":
        """The store."""

    @property
    def drawer(self) -> Drawer:
        """Where small things are kept beside the library."""

    def alone(self, name: str, busy: str, hint: str) -> AbstractContextManager[None]:
        """Holds others back, in whatever process, that work with the same things under the same name.

        Raises:
            InUseError: Somebody else is at it.
        """

    @property
    def account(self) -> "Account":
        """The connected account."""

    @property
    def classifier(self) -> SongClassifier:
        """The model."""

    def online_sources(self) -> "AbstractContextManager[OnlineSources]":
        """The sources on the internet that may be asked, open while the block runs."""

    @property
    def taxonomy(self) -> "Taxonomy":
        """The genres."""

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock (UTC)."""

    @property
    def pause(self) -> Callable[[float], None]:
        """Waits for so many seconds."""
