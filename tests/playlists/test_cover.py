"""The covers of new playlists: one style, the genre's colour and name, small enough for Spotify."""

import base64
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cratewise import workflows
from cratewise.genres.taxonomy import load_taxonomy
from cratewise.playlists.cover import SIDE, CoverDesign, draw_cover
from cratewise.playlists.rules import Rules

LARGEST = 256 * 1024


def picture(design: CoverDesign) -> Image.Image:
    """The cover, as whoever gets it reads it."""
    jpeg = draw_cover(design)
    assert len(base64.b64encode(jpeg)) <= LARGEST
    shown = Image.open(io.BytesIO(jpeg))
    assert (shown.format, shown.size, shown.mode) == ("JPEG", (SIDE, SIDE), "RGB")
    return shown


def test_every_family_has_a_cover_of_its_own() -> None:
    """Told apart by colour and by name, and the same each time."""
    designs = [CoverDesign(family.name, family.colour) for family in load_taxonomy().families]
    drawn = [draw_cover(design) for design in designs]
    assert len(set(drawn)) == len(designs)
    assert draw_cover(designs[0]) is drawn[0]
    draw_cover.cache_clear()
    assert draw_cover(designs[0]) == drawn[0]
    assert all(picture(design) for design in designs)


@settings(max_examples=40)
@given(st.text(max_size=60), st.integers(0, 0xFFFFFF))
def test_any_name_and_colour_makes_a_cover(title: str, colour: int) -> None:
    """Also none, one in letters that the font does not have, and one of many lines."""
    picture(CoverDesign(title, f"#{colour:06x}"))


def test_a_title_is_there_and_in_the_picture() -> None:
    """It changes what is seen, only inside the margins; a foreign one stays out rather than coming as boxes."""
    colour = "#2f7fbf"
    bare, named = picture(CoverDesign("", colour)), picture(CoverDesign("W" * 12, colour))
    foreign = picture(CoverDesign("Рок", colour))
    left, bottom = bare.crop((0, 0, 40, SIDE)), bare.crop((0, SIDE - 40, SIDE, SIDE))
    for shown in (named, foreign):
        assert _differs(shown.crop((0, 0, 40, SIDE)), left) < 12
        assert _differs(shown.crop((0, SIDE - 40, SIDE, SIDE)), bottom) < 12
    corner = (48, SIDE - 130, 400, SIDE - 50)
    assert _differs(named.crop(corner), bare.crop(corner)) > 100
    assert _differs(foreign.crop(corner), bare.crop(corner)) < 60


@pytest.mark.parametrize("title", ["W" * 60, "Donau " + "W" * 60 + " Blues and more and more and more"])
def test_a_word_of_any_length_stays_in_the_picture(title: str) -> None:
    """It is cut off before the right edge."""
    colour = "#2f7fbf"
    edge = (SIDE - 30, SIDE - 320, SIDE, SIDE)
    bare, named = picture(CoverDesign("", colour)), picture(CoverDesign(title, colour))
    assert _spread(named.crop(edge)) <= _spread(bare.crop(edge)) + 40


def _spread(part: Image.Image) -> int:
    """How bright its brightest point is."""
    return int(part.convert("L").getextrema()[1])


def _differs(one: Image.Image, other: Image.Image) -> int:
    from PIL import ImageChops

    return max(largest for _, largest in ImageChops.difference(one, other).getextrema())


def test_a_new_playlist_gets_its_cover_before_its_songs(world) -> None:
    """One call more for each; none for a playlist that is there, and none if the person wants none."""
    world.like(1)
    plan = world.apply()
    (change,) = plan.changes
    made = world.playlist("jazz")
    assert change.cover == CoverDesign("Jazz", load_taxonomy().family_of("jazz").colour)
    assert world.account.covers == {made: draw_cover(change.cover)}
    assert change.n_writes == 3
    world.like(2)
    world.apply()
    assert len(world.account.covers) == 1
    world.like(3, "metal 0.9")
    world.apply(Rules(("jazz", "metal"), least_songs=1, covers=False))
    assert len(world.account.covers) == 1


@pytest.mark.parametrize("fault", ["killed before", "refused"])
def test_a_cover_is_given_again_when_a_run_goes_on(world, fault: str) -> None:
    """A run that was stopped before the first song went in."""
    world.like(1)
    plan = world.plan()
    world.account.faults.extend(["", fault])
    assert world.is_stopped(plan)
    world.account.covers.clear()
    workflows.resume_run(world.app)
    assert list(world.account.covers) == [world.playlist("jazz")]


def test_a_cover_that_is_not_taken_stops_nothing(world, monkeypatch: pytest.MonkeyPatch) -> None:
    """The songs are what matters."""
    uri = world.like(1)
    monkeypatch.setattr(world.account, "change_cover", lambda playlist_id, jpeg: False)
    world.apply()
    assert world.contents("jazz") == [uri]


def test_a_plan_with_another_cover_is_another_plan(world) -> None:
    """What is shown is what is written."""
    world.like(1)
    plan = world.plan()
    without = world.plan(replace(plan.rules, covers=False))
    assert plan.plan_id != without.plan_id
