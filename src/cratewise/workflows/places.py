"""Where the liked songs stand on the map of all music, where like songs are neighbours."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from numpy.typing import NDArray

from cratewise.errors import ModelError
from cratewise.tracks import Track
from cratewise.workflows.services import Services

Place = tuple[float, float]


class Placed(Protocol):
    """What a model says of n tracks."""

    @property
    def place(self) -> NDArray[Any]:
        """float32 (n, 2), each coordinate from -1 to 1; (0, 0) where nothing is known of a track."""


@runtime_checkable
class Placer(Protocol):
    """A model that knows where songs stand."""

    def likeness(self, tracks: Sequence[Track]) -> Placed:
        """Where n tracks stand, in their order."""


class Places:
    """Places of songs, each asked of the model once: 17,000 take two seconds."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Track], Place] = {}

    def of_liked(self, app: Services) -> dict[str, Place]:
        """The place of each liked song, by the id it is listed under; none before the first sync.

        Raises:
            ModelError: The model draws no map.
        """
        account = app.library.accounts.latest()
        if account is None:
            return {}
        model = app.classifier
        if not isinstance(model, Placer):
            raise ModelError("this model draws no map", hint="Use the one that comes with cratewise.")
        tracks = [one.song.track for one in app.library.genres.songs(account.account_id, 0.0)]
        new = [track for track in tracks if (model.version, track) not in self._known]
        if new:
            found = model.likeness(new).place.tolist()
            self._known.update({(model.version, track): (x, y) for track, (x, y) in zip(new, found, strict=True)})
        return {track.track_id: self._known[model.version, track] for track in tracks}
