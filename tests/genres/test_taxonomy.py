"""The taxonomy that ships, and what is refused of another."""

from itertools import combinations

import pytest

from cratewise.errors import GenresError
from cratewise.genres.taxonomy import Family, Style, Taxonomy, load_taxonomy, slug_of

TAXONOMY = load_taxonomy()
NODES: tuple[Family | Style, ...] = (*TAXONOMY.families, *TAXONOMY.styles)


def _family(slug: str, *styles: Style, colour: str = "#123456") -> Family:
    return Family(slug, slug.title(), colour, styles)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def test_the_taxonomy_has_a_size_that_a_person_can_overlook() -> None:
    """Some thirty families and up to two hundred styles, none of them in a family by itself."""
    assert 25 <= len(TAXONOMY.families) <= 32
    assert 100 <= len(TAXONOMY.styles) <= 200
    assert all(len(family.styles) != 1 for family in TAXONOMY.families)


def test_each_style_has_one_parent_and_each_slug_and_name_is_unique() -> None:
    """A slug or a name leads to one node, and a style to the family that lists it."""
    assert len({node.slug for node in NODES}) == len(NODES)
    assert len({node.name.casefold() for node in NODES}) == len(NODES)
    for family in TAXONOMY.families:
        assert TAXONOMY.family_of(family.slug) is family
        assert all(TAXONOMY.family_of(style.slug) is family for style in family.styles)


def test_styles_stand_in_the_order_of_their_families() -> None:
    """The order of all styles is that of the families, since the network's outputs share it."""
    assert TAXONOMY.styles == tuple(style for family in TAXONOMY.families for style in family.styles)


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.slug)
def test_a_node_is_found_by_slug_and_by_name_in_any_case(node: Family | Style) -> None:
    """Slug and display name lead back to the node."""
    assert TAXONOMY.genre(node.slug) is node
    assert TAXONOMY.named(f" {node.name.upper()} ") is node


def test_the_families_go_by_the_words_that_everybody_uses() -> None:
    """The broad genres of any radio are there under their usual names."""
    usual = ("Pop", "Rock", "Metal", "Hip-Hop", "R&B", "Jazz", "Blues", "Country", "Folk", "Classical", "Latin", "EDM")
    assert all(isinstance(TAXONOMY.named(name), Family) for name in usual)


def test_no_two_families_have_colours_that_look_alike() -> None:
    """Colours differ by a visible step in at least one channel."""
    for one, other in combinations(TAXONOMY.families, 2):
        steps = [abs(a - b) for a, b in zip(_channels(one.colour), _channels(other.colour), strict=True)]
        assert max(steps) >= 20, f"{one.slug} and {other.slug}"


def test_each_colour_shows_on_a_dark_and_on_a_light_page() -> None:
    """No colour is nearly black or nearly white."""
    for family in TAXONOMY.families:
        red, green, blue = _channels(family.colour)
        assert 60 < 0.2126 * red + 0.7152 * green + 0.0722 * blue < 205, family.slug


def test_a_slug_follows_from_the_name() -> None:
    """Accents and signs give way to what can stand in an address."""
    assert slug_of("Forró") == "forro"
    assert slug_of("Drum & Bass, Dubstep") == "drum-and-bass-dubstep"


@pytest.mark.parametrize("ask", [TAXONOMY.genre, TAXONOMY.family_of, TAXONOMY.named])
def test_an_unknown_genre_is_an_error_that_names_it(ask: object) -> None:
    """The message holds what was asked for."""
    assert callable(ask)
    with pytest.raises(GenresError, match="polkatronica"):
        ask("polkatronica")


def test_a_style_under_two_families_is_refused() -> None:
    """One parent each."""
    with pytest.raises(GenresError, match=r"'ska' .* stands twice"):
        Taxonomy([_family("punk", Style("ska", "Ska", "punk")), _family("reggae", Style("ska", "Ska", "reggae"))])


def test_a_style_that_names_another_family_is_refused() -> None:
    """A style's own word for its family agrees with where it lies."""
    with pytest.raises(GenresError, match="lies under 'punk' but names 'reggae'"):
        Taxonomy([_family("punk", Style("ska", "Ska", "reggae"))])


def test_a_colour_that_is_none_is_refused() -> None:
    """Only #rrggbb will do."""
    with pytest.raises(GenresError, match="'salmon'"):
        Taxonomy([_family("pop", colour="salmon")])


def test_a_genre_of_any_length_is_refused_in_a_few_words() -> None:
    """A name may come from a file."""
    for ask in (load_taxonomy().genre, load_taxonomy().named):
        with pytest.raises(GenresError) as caught:
            ask("x" * 20_000)
        assert len(str(caught.value)) < 100
