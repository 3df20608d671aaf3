"""Rows of the dataset -> unique tracks with all their labels, and which tracks are one song. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cratewise.dataset.groups import Groups
from cratewise.dataset.labels import LABELS
from cratewise.dataset.rows import DatasetFile, LabelledRow
from cratewise.tracks import Track, normalised, song_key


@dataclass(frozen=True, slots=True)
class LabelledTrack:
    """A track of the dataset.

    Attributes:
        track: What is known of it.
        labels: Every genre label it was gathered under, at least one.
        song: Number of its song, 0 to `n_songs - 1`; the releases of one song share it.
    """

    track: Track
    labels: frozenset[str]
    song: int


@dataclass(frozen=True, slots=True)
class CleaningReport:
    """What was found in the file, and mended.

    Attributes:
        n_rows: Rows of the file.
        n_exact_duplicates: Rows that repeat another one, label included.
        n_tracks: Different track ids.
        n_songs: Songs, the releases of one counted once.
        n_rereleased: Tracks that share their song with another id.
        n_nameless: Tracks without artists and title; they are kept, for their statistics are there.
        n_popularity_differs: Ids whose rows differ in popularity; the greatest was taken.
        n_contradictory: Ids whose rows differ in anything else; one of them was taken, whatever their order.
        left_out: For each column, how many tracks had a value in it that cannot be and was left out.
        labels_of_a_track: How many tracks have 1, 2, … labels.
        tracks_of_a_label: How many tracks each label has.
    """

    n_rows: int
    n_exact_duplicates: int
    n_tracks: int
    n_songs: int
    n_rereleased: int
    n_nameless: int
    n_popularity_differs: int
    n_contradictory: int
    left_out: tuple[tuple[str, int], ...]
    labels_of_a_track: tuple[tuple[int, int], ...]
    tracks_of_a_label: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """The cleaned dataset; nothing in it depends on the order of the file.

    Attributes:
        tracks: Each track once, ordered by id.
        labels: The labels in the order in which everything counts them.
        fingerprint: sha256 of the file it came from, in hexadecimal.
        report: What was found and mended.
    """

    tracks: tuple[LabelledTrack, ...]
    labels: tuple[str, ...]
    fingerprint: str
    report: CleaningReport

    @property
    def songs(self) -> npt.NDArray[np.int64]:
        """The song of each track, shape `(n_tracks,)`."""
        return np.fromiter((entry.song for entry in self.tracks), dtype=np.int64, count=len(self.tracks))

    @property
    def label_matrix(self) -> npt.NDArray[np.bool_]:
        """Which labels each track has, shape `(n_tracks, n_labels)`."""
        place = {label: index for index, label in enumerate(self.labels)}
        matrix = np.zeros((len(self.tracks), len(self.labels)), dtype=np.bool_)
        for index, entry in enumerate(self.tracks):
            matrix[index, [place[label] for label in entry.labels]] = True
        return matrix


def clean(file: DatasetFile) -> Dataset:
    """Merges the rows of each track, groups tracks into songs, and counts what was found on the way."""
    by_id: dict[str, list[LabelledRow]] = defaultdict(list)
    for labelled in file.rows:
        by_id[labelled.row.track.track_id].append(labelled)
    ids = sorted(by_id)
    tracks: list[Track] = []
    n_popularity_differs = n_contradictory = n_exact_duplicates = 0
    left_out: Counter[str] = Counter()
    for track_id in ids:
        rows = by_id[track_id]
        left_out.update({column for labelled in rows for column in labelled.row.left_out})
        versions = {labelled.row.track for labelled in rows}
        tracks.append(_merged(versions))
        n_exact_duplicates += len(rows) - len({(labelled.row.track, labelled.label) for labelled in rows})
        if len(versions) > 1:
            n_popularity_differs += len({version.popularity for version in versions}) > 1
            n_contradictory += len({replace(version, popularity=None) for version in versions}) > 1
    labels = [frozenset(labelled.label for labelled in by_id[track_id]) for track_id in ids]
    songs = song_numbers(tracks)
    sizes = Counter(songs)
    report = CleaningReport(
        n_rows=len(file.rows),
        n_exact_duplicates=n_exact_duplicates,
        n_tracks=len(tracks),
        n_songs=len(sizes),
        n_rereleased=sum(size for size in sizes.values() if size > 1),
        n_nameless=sum(not track.title and not track.artists for track in tracks),
        n_popularity_differs=n_popularity_differs,
        n_contradictory=n_contradictory,
        left_out=tuple(sorted(left_out.items())),
        labels_of_a_track=tuple(sorted(Counter(map(len, labels)).items())),
        tracks_of_a_label=tuple(sorted(Counter(label for some in labels for label in some).items())),
    )
    entries = tuple(LabelledTrack(*entry) for entry in zip(tracks, labels, songs, strict=True))
    return Dataset(entries, LABELS, file.fingerprint, report)


def song_numbers(tracks: Sequence[Track]) -> list[int]:
    """Numbers the songs that `tracks` are releases of, in the order of their first tracks.

    Two tracks are one song when they share the normalised title and either the first artist or all artists, in
    whatever order, or when they share all of their audio statistics; and so are two that are each one song with a
    third.
    """
    groups = Groups(len(tracks))
    first_with: dict[Hashable, int] = {}
    for index, track in enumerate(tracks):
        for key in _song_signs(track):
            groups.join(index, first_with.setdefault(key, index))
    numbers: dict[int, int] = {}
    return [numbers.setdefault(groups.leader(index), len(numbers)) for index in range(len(tracks))]


def _song_signs(track: Track) -> Iterable[Hashable]:
    if track.artists and track.title:
        yield song_key(track.artists, track.title)
        yield frozenset(map(normalised, track.artists)), normalised(track.title)
    if track.statistics is not None:
        yield track.statistics


def _merged(versions: Collection[Track]) -> Track:
    if len(versions) == 1:
        return next(iter(versions))
    chosen = min(versions, key=repr)
    known = [version.popularity for version in versions if version.popularity is not None]
    return replace(chosen, popularity=max(known, default=None))
