from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from cratewise.genres.taxonomy import load_taxonomy
from cratewise.web.covers import draw_cover

COLOURS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


@given(colour=COLOURS, seed=st.text(max_size=12))
def test_every_colour_and_name_give_a_picture(colour: str, seed: str) -> None:
    """Whatever the colour and the name, the cover is well-formed SVG, always the same, without script or style."""
    picture = draw_cover(colour, seed)
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(picture).iter()}  # noqa: S314 - drawn by us
    assert picture == draw_cover(colour, seed)
    assert {"svg", "rect"} <= tags
    assert not tags & {"script", "style", "image", "foreignObject"}
    assert "style=" not in picture


def test_genres_look_different() -> None:
    """No two families share a cover."""
    covers = [draw_cover(family.colour, family.slug) for family in load_taxonomy().families]
    assert len(set(covers)) == len(covers)
