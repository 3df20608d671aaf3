from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cratewise import workflows
from cratewise.errors import CratewiseError
from cratewise.playlists.apply import StalePlanError
from cratewise.playlists.rules import Rules

FAULTS = ["", "lost before", "lost after", "refused", "killed before", "killed after"]


def test_a_new_playlist_is_written_with_the_fewest_calls(world) -> None:
    """250 songs take one call to create and three to fill, and stand newest liked first."""
    uris = [world.like(number) for number in range(250)]
    world.apply()
    assert [(what, count) for what, _, count in world.account.writes] == [
        ("create", 0), ("add", 100), ("add", 100), ("add", 50),
    ]  # fmt: skip
    assert world.contents("jazz") == uris[::-1]


def test_only_what_changed_is_sent(world) -> None:
    """A new like goes on top, an un-liked song goes out, and nothing else is sent; adds come before removes."""
    first, second = world.like(1), world.like(2)
    world.apply()
    world.account.writes.clear()
    world.unlike(first)
    third = world.like(3)
    world.apply()
    assert [(what, count) for what, _, count in world.account.writes] == [("add", 1), ("remove", 1)]
    assert world.contents("jazz") == [third, second]


def test_a_second_time_nothing_is_written(world) -> None:
    """Applying an empty plan makes no write and opens no run."""
    world.like(1)
    world.apply()
    world.account.writes.clear()
    assert world.apply().is_empty
    assert world.account.writes == []
    assert len(workflows.history(world.app)) == 1


def test_a_playlist_of_the_same_name_is_never_touched(world) -> None:
    """A playlist that the person made stays as it is, even with the name of one to be created."""
    theirs = world.account.make("Jazz · liked", [])
    world.account.faults.append("lost before")
    uri = world.like(1)
    world.apply()
    assert world.account.contents_of[theirs] == []
    assert world.contents("jazz") == [uri]
    assert world.playlist("jazz") != theirs


def test_a_stale_plan_is_refused(world) -> None:
    """When somebody changed a playlist after the plan was made, nothing is written at all."""
    uri = world.like(1)
    world.apply()
    world.like(2)
    world.like(3, "metal 0.9")
    plan = world.plan()
    world.account.edit(world.playlist("jazz"), [uri, "spotify:track:theirs"])
    world.account.writes.clear()
    with pytest.raises(StalePlanError, match="was changed since"):
        workflows.apply_plan(world.app, plan)
    assert world.account.writes == []
    assert workflows.unfinished_run(world.app) is None


def test_a_new_snapshot_of_the_same_contents_is_not_stale(world) -> None:
    """A playlist whose snapshot changed but whose contents did not is written."""
    first = world.like(1)
    world.apply()
    second = world.like(2)
    plan = world.plan()
    world.account.edit(world.playlist("jazz"), [first])
    workflows.apply_plan(world.app, plan)
    assert world.contents("jazz") == [second, first]


def test_a_playlist_changed_while_a_run_was_stopped_is_skipped(world) -> None:
    """On resuming, a playlist that somebody changed meanwhile is left as it is, and the result says so."""
    world.like(1, "hip-hop 0.9")
    jazz = world.like(2)
    world.apply()
    world.like(3, "hip-hop 0.9")
    world.like(4)
    plan = world.plan()
    world.account.faults.append("refused")
    with pytest.raises(CratewiseError):
        workflows.apply_plan(world.app, plan)
    world.account.edit(world.playlist("jazz"), [jazz, "spotify:track:theirs"])
    result = workflows.resume_run(world.app)
    assert (result.changed, result.skipped, result.added) == (1, 1, 1)
    assert world.contents("jazz") == [jazz, "spotify:track:theirs"]
    assert len(world.contents("hip-hop")) == 2


def test_a_playlist_changed_while_a_run_goes_on_is_skipped(world, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long run looks again: what a person put in meanwhile is neither doubled nor written over."""
    world.like(1, "hip-hop 0.9")
    jazz = world.like(2)
    world.apply()
    new = [world.like(100 + number, "hip-hop 0.9") for number in range(5)]
    theirs = world.like(4)
    plan = world.plan()
    write = world.account.add

    def add_slowly(playlist_id: str, uris: list[str], position: int | None = None) -> str:
        for _ in range(10):  # seconds
            world.app.now()
        world.account.edit(world.playlist("jazz"), [theirs, jazz])
        return write(playlist_id, uris, position)

    monkeypatch.setattr(world.account, "add", add_slowly)
    result = workflows.apply_plan(world.app, plan)
    assert (result.changed, result.skipped) == (1, 1)
    assert world.contents("jazz") == [theirs, jazz]
    assert world.contents("hip-hop")[:5] == new[::-1]
    monkeypatch.undo()
    assert world.plan().is_empty


def test_a_creation_whose_answer_was_lost_is_found_when_the_list_lags(world) -> None:
    """It is looked for more than once before another one is made."""
    uri = world.like(1)
    plan = world.plan()
    world.account.faults.append("lost after")
    made = world.account.make("mine", [])
    lagging = f"playlist-{int(made.split('-')[1]) + 1}"
    world.account.unseen.extend([set(), {lagging}, {lagging}])
    workflows.apply_plan(world.app, plan)
    assert world.contents("jazz") == [uri]
    assert sorted(world.account.names.values()) == ["Jazz · liked", "mine"]


def test_nothing_is_planned_while_a_run_is_unfinished(world) -> None:
    """A run that was stopped has to be resumed or undone before anything else is planned or applied."""
    world.like(1)
    plan = world.plan()
    world.account.faults.append("refused")
    with pytest.raises(CratewiseError):
        workflows.apply_plan(world.app, plan)
    with pytest.raises(workflows.UnfinishedRunError) as caught:
        workflows.make_plan(world.app, plan.rules)
    assert caught.value.run_id == 1
    with pytest.raises(workflows.UnfinishedRunError):
        workflows.apply_plan(world.app, plan)


def test_no_playlist_is_emptied_on_the_way(world) -> None:
    """A playlist whose songs are all exchanged has the new ones before the old ones go."""
    uris = [world.like(number) for number in range(3)]
    world.apply()
    for uri in uris:
        world.unlike(uri)
    new = world.like(10)
    world.account.faults.extend(["", "killed before"])
    plan = world.plan()
    assert world.is_stopped(plan)
    assert world.contents("jazz") == [new, *reversed(uris)]
    workflows.resume_run(world.app)
    assert world.contents("jazz") == [new]


@settings(max_examples=40, deadline=None)
@given(
    before=st.lists(st.sampled_from(["jazz 0.9", "metal 0.9", "trap 0.9"]), max_size=6),
    after=st.lists(st.sampled_from(["jazz 0.9", "metal 0.9", "trap 0.9"]), min_size=1, max_size=6),
    unliked=st.sets(st.integers(0, 5)),
    many=st.booleans(),
    faults=st.lists(st.sampled_from(FAULTS), max_size=14),
)
def test_whatever_goes_wrong_the_account_ends_as_planned(
    new_world: Callable[[], object],
    before: list[str],
    after: list[str],
    unliked: set[int],
    many: bool,
    faults: list[str],
) -> None:
    """Under any schedule of lost answers, refusals and kills, resuming ends where an undisturbed run would have."""
    undisturbed, disturbed = new_world(), new_world()
    for world in (undisturbed, disturbed):
        theirs = world.account.make("Metal · liked", ["spotify:track:theirs", None, "spotify:local:x"])
        uris = [world.like(number, genre) for number, genre in enumerate(before)]
        world.apply()
        for number in unliked & set(range(len(uris))):
            world.unlike(uris[number])
        for number, genre in enumerate(after * (40 if many else 1)):
            world.like(100 + number, genre)
        plan = world.plan()
        if world is disturbed:
            world.account.faults.extend(faults)
        world.apply_in_spite_of_faults(plan)
        world.account.faults.clear()
        assert world.account.contents_of[theirs] == ["spotify:track:theirs", None, "spotify:local:x"]
        assert world.plan().is_empty
    expected = [
        [str(uri).replace(undisturbed.account.account_id, "") for uri in entries]
        for entries in undisturbed.account.contents_of.values()
    ]
    found = [
        [str(uri).replace(disturbed.account.account_id, "") for uri in entries]
        for entries in disturbed.account.contents_of.values()
    ]
    assert found == expected


def test_the_rules_are_kept(world) -> None:
    """Applying keeps the rules for the next time."""
    world.like(1)
    rules = Rules(("jazz",), least_songs=1, name_template="My {genre}")
    world.apply(rules)
    assert workflows.current_rules(world.app) == rules
    assert workflows.managed_playlists(world.app)[0].name == "My Jazz"
