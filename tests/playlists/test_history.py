from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cratewise import workflows
from cratewise.errors import PlaylistsError
from cratewise.playlists.history import next_insert


def test_a_created_playlist_is_gone_after_undo(world) -> None:
    """Undoing a run that created a playlist takes it out of the library, and it can be made again."""
    world.like(1)
    world.apply()
    result = workflows.undo_run(world.app)
    assert result.deleted == ("Jazz · liked",)
    assert world.account.contents_of == {}
    assert world.plan().changes[0].kind == "create"


def test_removed_songs_go_back_to_their_places(world) -> None:
    """Undoing an update restores contents and order, in as many calls as there were stretches."""
    uris = [world.like(number) for number in range(6)]
    world.apply()
    before = world.contents("jazz").copy()
    for number in (0, 2, 3):
        world.unlike(uris[number])
    world.like(7)
    world.apply()
    world.account.writes.clear()
    result = workflows.undo_run(world.app)
    assert result.restored == ("Jazz · liked",)
    assert world.contents("jazz") == before
    assert [(what, count) for what, _, count in world.account.writes] == [("add", 2), ("add", 1), ("remove", 1)]


def test_what_a_person_changed_since_is_kept_and_said(world) -> None:
    """Songs that the person put into a playlist after the run survive its undoing, and the result names it."""
    first = world.like(1)
    world.apply()
    second = world.like(2)
    world.apply()
    world.account.edit(world.playlist("jazz"), ["spotify:track:theirs", second, first])
    kept = workflows.undo_run(world.app).kept
    assert world.contents("jazz") == ["spotify:track:theirs", first]
    assert len(kept) == 1
    assert kept[0].startswith("Jazz · liked:")


def test_a_created_playlist_with_songs_of_the_person_stays(world) -> None:
    """A playlist that the run created is not deleted when the person put something in: only our songs go."""
    uri = world.like(1)
    world.apply()
    world.account.edit(world.playlist("jazz"), [uri, "spotify:track:theirs"])
    assert workflows.undo_run(world.app).deleted == ()
    assert world.contents("jazz") == ["spotify:track:theirs"]


def test_a_playlist_the_person_deleted_stays_deleted(world) -> None:
    """Undoing an update of a playlist that is gone puts nothing back, and says so."""
    world.like(1)
    world.apply()
    world.like(2)
    world.apply()
    del world.account.contents_of[world.playlist("jazz")]
    assert workflows.undo_run(world.app).kept == ("Jazz · liked: you deleted it, so it stays deleted.",)


def test_a_playlist_missing_from_one_list_is_not_deleted(world) -> None:
    """Lists lag; and one that was taken for deleted is known again when it is back."""
    world.like(1)
    world.apply()
    made = world.playlist("jazz")
    world.account.unseen.append({made})
    assert _is_there(world)
    world.account.unseen.extend([{made}] * 2)
    assert not _is_there(world)
    assert _is_there(world)
    assert world.plan().is_empty


def _is_there(world) -> bool:
    workflows.sync_library(world.app)
    (playlist,) = world.app.library.playlists.managed(world.account.account_id)
    return playlist.exists


def test_a_creation_that_was_stopped_is_taken_back_whole(world) -> None:
    """Also when the list does not show the new playlist at once."""
    world.like(1)
    plan = world.plan()
    world.account.faults.append("killed after")
    assert world.is_stopped(plan)
    (made,) = world.account.contents_of
    world.account.unseen.append({made})
    world.account.unseen.append({made})
    workflows.undo_run(world.app)
    assert world.account.contents_of == {}


def test_runs_are_undone_newest_first(world) -> None:
    """An older run is refused with the number of the one to undo before it, and an unknown or undone one is named."""
    world.like(1)
    world.apply()
    world.like(2)
    world.apply()
    with pytest.raises(PlaylistsError, match="not the newest") as caught:
        workflows.undo_run(world.app, 1)
    assert "undo run 2 before" in caught.value.hint
    with pytest.raises(PlaylistsError, match="no run 9"):
        workflows.undo_run(world.app, 9)
    workflows.undo_run(world.app, 2)
    with pytest.raises(PlaylistsError, match="undone already"):
        workflows.undo_run(world.app, 2)
    workflows.undo_run(world.app, 1)
    with pytest.raises(PlaylistsError, match="nothing to undo"):
        workflows.undo_run(world.app)
    assert [(run.run_id, run.state) for run in workflows.history(world.app)] == [(2, "undone"), (1, "undone")]


@pytest.mark.parametrize(
    ("before", "removed", "contents", "expected"),
    [
        (("a", "b", "c"), {"b"}, ("a", "c"), (("b",), 1)),
        (("a", "b"), {"a", "b"}, ("new",), (("a", "b"), 0)),
        (("a", None, "b"), {"b"}, ("new", "a", None), (("b",), 3)),
        (("a", "b", "c"), {"c"}, ("theirs", "b"), (("c",), 2)),
        (("a", "b"), {"b"}, ("b", "a"), None),
    ],
)
def test_songs_are_put_back_behind_what_they_stood_behind(before, removed, contents, expected) -> None:
    """The place of a removed song is found from what is left of its surroundings."""
    insert = next_insert(before, removed, contents)
    assert (insert and (insert.uris, insert.position)) == expected


@settings(max_examples=40, deadline=None)
@given(
    first=st.lists(st.sampled_from(["jazz 0.9", "metal 0.9", "trap 0.9"]), max_size=8),
    then=st.lists(st.sampled_from(["jazz 0.9", "metal 0.9", "trap 0.9"]), max_size=8),
    unliked=st.sets(st.integers(0, 7)),
    faults=st.lists(st.sampled_from(["", "lost before", "lost after", "refused", "killed after"]), max_size=8),
    undo_faults=st.lists(st.sampled_from(["", "lost before", "lost after", "refused", "killed after"]), max_size=8),
)
def test_apply_then_undo_is_as_before(
    new_world: Callable[[], object],
    first: list[str],
    then: list[str],
    unliked: set[int],
    faults: list[str],
    undo_faults: list[str],
) -> None:
    """After undoing a run, whatever went wrong on the way, the account is as before it, order included."""
    world = new_world()
    uris = [world.like(number, genre) for number, genre in enumerate(first)]
    world.apply()
    before = {playlist_id: list(entries) for playlist_id, entries in world.account.contents_of.items()}
    for number in unliked & set(range(len(uris))):
        world.unlike(uris[number])
    for number, genre in enumerate(then):
        world.like(100 + number, genre)
    plan = world.plan()
    if plan.is_empty:
        return
    world.account.faults.extend(faults)
    world.apply_in_spite_of_faults(plan)
    world.account.faults.clear()
    world.account.faults.extend(undo_faults)
    world.undo_in_spite_of_faults()
    world.account.faults.clear()
    assert world.account.contents_of == before
    again = world.plan()
    assert [(change.genre, [song.uri for song in change.adds]) for change in again.changes] == [
        (change.genre, [song.uri for song in change.adds]) for change in plan.changes
    ]
