import pytest

from cratewise import workflows
from cratewise.errors import SpotifyError
from cratewise.playlists.rules import Rules

RULES = Rules(("hip-hop", "jazz", "metal"), least_songs=2)


@pytest.fixture
def jazz_lover(world):
    """Somebody with five jazz songs, one of them twice and one unavailable; two of them bebop; and one metal song."""
    for number, genre in enumerate(["jazz 0.9", "bebop-and-cool-jazz 0.9", "bebop-and-cool-jazz 0.9", "metal 0.9"]):
        world.like(number, genre)
    world.like(7, title="Song 0")
    world.like(8, is_available=False)
    workflows.sync_library(world.app)
    workflows.classify_library(world.app)
    return world


def outlook_of(world, rules: Rules) -> workflows.Outlook:
    """What the playlists of these rules hold once they are applied."""
    return workflows.count_outlook(workflows.draft_plan(world.app, rules))


def test_a_choice_is_counted_as_the_plan_would_write_it(jazz_lover) -> None:
    """The outlook's songs are what applying puts into the playlists, genre by genre, with what is left out named."""
    outlook = outlook_of(jazz_lover, RULES)
    jazz, metal = outlook.genres["jazz"], outlook.genres["metal"]
    assert (outlook.playlists, outlook.songs, jazz.liked, jazz.held) == (1, 3, 5, 3)
    assert jazz.left_out == {"duplicate": 1, "unavailable": 1}
    assert (metal.has_playlist, metal.can_have_playlist, metal.left_out) == (False, False, {"too few": 1})
    assert outlook.genres["hip-hop"].liked == 0
    plan = jazz_lover.apply(RULES)
    assert plan.added == outlook.songs
    assert len(jazz_lover.contents("jazz")) == jazz.held
    assert outlook_of(jazz_lover, RULES) == outlook


def test_a_finer_genre_takes_its_songs_with_it(jazz_lover) -> None:
    """A style that is chosen too holds its songs, and its family says that they are elsewhere."""
    outlook = outlook_of(jazz_lover, Rules(("jazz", "bebop-and-cool-jazz"), least_songs=1))
    assert (outlook.playlists, outlook.songs) == (2, 3)
    assert (
        outlook.genres["bebop-and-cool-jazz"].held,
        outlook.genres["jazz"].held,
        outlook.genres["jazz"].elsewhere,
    ) == (2, 1, 2)


def test_a_playlist_left_from_another_choice_is_not_part_of_this_one(jazz_lover) -> None:
    """Once jazz is not chosen any more, its playlist stays and is told of, but the sum is that of the choice."""
    jazz_lover.apply(RULES)
    outlook = outlook_of(jazz_lover, Rules(("metal",)))
    assert (outlook.playlists, outlook.songs) == (0, 0)
    assert (outlook.genres["jazz"].held, outlook.genres["jazz"].has_playlist) == (3, False)


def test_a_choice_can_be_looked_at_while_a_run_is_stopped(jazz_lover) -> None:
    """The numbers are there although nothing may be planned before the run is resumed or undone."""
    plan = jazz_lover.plan(RULES)
    jazz_lover.account.faults.extend(["", "refused"])
    with pytest.raises(SpotifyError):
        workflows.apply_plan(jazz_lover.app, plan)
    assert outlook_of(jazz_lover, RULES).playlists == 1
    with pytest.raises(workflows.UnfinishedRunError):
        workflows.make_plan(jazz_lover.app, RULES)


def test_only_playlists_of_the_person_count_as_namesakes(world) -> None:
    """A playlist made here and taken back since is no namesake, though the account was last read while it was there."""
    for number in range(2):
        world.like(number)
    world.apply(RULES)
    workflows.sync_library(world.app)
    workflows.undo_run(world.app)
    assert [change.note for change in workflows.make_plan(world.app, RULES).changes] == [""]
    world.account.make("Jazz · liked", ["spotify:track:theirs"])
    change = world.plan(RULES).changes[0]
    assert "It is never touched" in change.note
    before = {key: list(entries) for key, entries in world.account.contents_of.items()}
    world.apply(RULES)
    assert before.items() <= world.account.contents_of.items()
    assert len(world.account.contents_of) == 2
