"""Merging rows into tracks, and tracks into songs."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from cratewise.dataset.clean import Dataset, clean, song_numbers
from cratewise.dataset.groups import Groups
from cratewise.dataset.rows import DatasetFile, LabelledRow
from cratewise.trackcolumns import TrackRow
from cratewise.tracks import AudioStatistics, Track


def cleaned(*rows: tuple[Track, str], left_out: Sequence[str] = ()) -> Dataset:
    """The dataset made of these tracks, each with a label."""
    labelled = (
        LabelledRow(TrackRow(line, track, tuple(left_out)), label) for line, (track, label) in enumerate(rows, 2)
    )
    return clean(DatasetFile(tuple(labelled), "0" * 64))


def test_rows_of_one_id_become_one_track_with_all_labels() -> None:
    """Labels are joined, the greatest popularity is taken, and a repeated row is counted."""
    quiet, loud = Track("x", "Roxanne", popularity=3), Track("x", "Roxanne", popularity=70)
    dataset = cleaned((quiet, "rock"), (loud, "reggae"), (loud, "reggae"))
    (entry,) = dataset.tracks
    assert entry.track == loud
    assert entry.labels == {"rock", "reggae"}
    report = dataset.report
    assert (report.n_rows, report.n_tracks, report.n_exact_duplicates, report.n_popularity_differs) == (3, 1, 1, 1)
    assert dict(report.labels_of_a_track) == {2: 1}


def test_rows_that_contradict_each_other_are_counted() -> None:
    """One of two titles of an id is taken, the same whichever comes first."""
    one, other = (Track("x", "One"), "rock"), (Track("x", "Other"), "rock")
    assert cleaned(one, other) == cleaned(other, one)
    assert cleaned(one, other).report.n_contradictory == 1


def test_a_track_counts_once_for_what_was_left_out() -> None:
    """A value that cannot be is counted by track, not by row."""
    track = Track("x", "Rain")
    assert cleaned((track, "sleep"), (track, "study"), left_out=["tempo"]).report.left_out == (("tempo", 1),)


def test_the_label_matrix_has_a_column_for_each_label() -> None:
    """The rows are tracks in the order of ids, the columns labels in their fixed order."""
    dataset = cleaned((Track("b", "One"), "rock"), (Track("a", "Two"), "acoustic"))
    assert [entry.track.track_id for entry in dataset.tracks] == ["a", "b"]
    assert dataset.label_matrix.shape == (2, 114)
    assert dataset.label_matrix[0].nonzero()[0].tolist() == [0]
    assert dataset.label_matrix[1].nonzero()[0].tolist() == [dataset.labels.index("rock")]


def test_releases_of_one_song_share_a_number() -> None:
    """By artists and title however they are spelt and ordered, by sound, and by way of a third track."""
    sound = AudioStatistics(tempo_bpm=120.0, energy=0.5)
    tracks = [
        Track("a", "Halo", ("Beyoncé",)),
        Track("b", "HALO!", ("Beyonce", "A Guest"), statistics=sound),
        Track("c", "Halo (Karaoke)", ("Nobody",), statistics=sound),
        Track("d", "Halo", ("Another",)),
        Track("e", "Halo", ("A Guest", "Beyoncé")),
    ]
    assert song_numbers(tracks) == [0, 0, 0, 1, 0]


def test_tracks_without_names_or_statistics_are_songs_of_their_own() -> None:
    """What is unknown of two tracks doesn't make them one."""
    assert song_numbers([Track("a"), Track("b"), Track("c", "Intro"), Track("d", "Intro")]) == [0, 1, 2, 3]


_few = st.integers(0, 3)


@given(st.lists(st.tuples(_few, _few, _few), max_size=12))
def test_songs_do_not_depend_on_the_order_of_rows(things: list[tuple[int, int, int]]) -> None:
    """However the rows are ordered, the dataset is the same."""
    rows = [
        (Track(f"id{index}", f"title {title}", (f"artist {artist}",), statistics=AudioStatistics(key=key)), "rock")
        for index, (title, artist, key) in enumerate(things)
    ]
    assert cleaned(*rows) == cleaned(*reversed(rows))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=15))
def test_groups_are_what_the_joins_connect(joins: list[tuple[int, int]]) -> None:
    """Two numbers have one leader exactly when a chain of joins leads from one to the other."""
    groups = Groups(10)
    connected = {number: {number} for number in range(10)}
    for first, second in joins:
        groups.join(first, second)
        together = connected[first] | connected[second]
        for number in together:
            connected[number] = together
    assert [groups.leader(number) for number in range(10)] == [min(connected[number]) for number in range(10)]
