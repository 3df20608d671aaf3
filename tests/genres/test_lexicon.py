"""What single tags mean, how several are weighed together, and which lexicons are refused."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratewise.errors import GenresError
from cratewise.genres.lexicon import Lexicon, load_lexicon
from cratewise.genres.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()
LEXICON = load_lexicon()
FAMILIES = frozenset(family.slug for family in TAXONOMY.families)


def _lexicon(**tables: Any) -> Lexicon:
    empty: dict[str, Any] = {"spellings": {}, "genres": {}, "facets": {}, "scripts": {}, "labels": {}}
    return Lexicon({**empty, **tables}, TAXONOMY)


@pytest.mark.parametrize(
    ("spellings", "family"),
    [
        (("hip hop", "hip-hop", "hiphop", "Hip-Hop/Rap", "Rap/Hip Hop", "HIP HOP"), "hip-hop"),
        (("r&b", "rnb", "R and B", "rhythm and blues", "R'n'B", "Rhythm & Blues"), "r-and-b"),
        (("drum and bass", "drum & bass", "Drum'n'Bass", "dnb", "D&B", "drum n bass"), "bass"),
        (("alt-rock", "alternative rock", "Alt Rock", "Alternative-Rock"), "indie-and-alternative"),
        (("rock'n'roll", "rock & roll", "rock-and-roll", "Rock n Roll", "Rock and Roll"), "rock"),
        (("k-pop", "kpop", "K Pop", "Korean Pop"), "asian-pop"),
        (("synth-pop", "synthpop", "Synth Pop"), "pop"),
        (("bossa nova", "Bossa-Nova", "bossanova"), "brazilian"),
        (("musique classique", "clásica", "Klassik", "classical music"), "classical"),
    ],
)
def test_spellings_of_one_genre_mean_the_same(spellings: tuple[str, ...], family: str) -> None:
    """Whatever its source writes, a tag names the same family with the same weights."""
    first = LEXICON.genres(spellings[0])
    assert max(FAMILIES & set(first), key=first.__getitem__) == family
    assert all(LEXICON.genres(spelling) == first for spelling in spellings)


@pytest.mark.parametrize(
    ("tag", "families"),
    [
        ("country rap", {"hip-hop", "country"}),
        ("latin pop", {"latin", "pop"}),
        ("jazz funk", {"jazz"}),
        ("christian hip hop", {"gospel-and-christian", "hip-hop"}),
        ("melodic black metal", {"metal"}),
        ("jazz rap", {"hip-hop"}),
        ("jazz chileno", {"jazz"}),
        ("folclor chileno", {"latin"}),
        ("R&B/Soul", {"r-and-b", "soul-and-funk"}),
        ("Singer/Songwriter", {"folk"}),
        ("Christian & Gospel", {"gospel-and-christian"}),
        ("Folk, World, & Country", {"folk", "world", "country"}),
        ("Funk / Soul", {"soul-and-funk"}),
        ("Stage & Screen", {"soundtrack"}),
        ("アニメ", {"asian-pop"}),
        ("русский рэп", {"hip-hop"}),
        ("comedy rap", {"hip-hop", "comedy"}),
        ("idol", {"pop"}),
        ("idol kayo", {"asian-pop"}),
        ("dark disco", {"electronic", "house"}),
    ],
)
def test_a_tag_names_the_families_that_a_listener_would(tag: str, families: set[str]) -> None:
    """Composite tags carry several; shops' and other languages' words are understood."""
    assert FAMILIES & set(LEXICON.genres(tag)) == families


def test_the_style_comes_with_its_family() -> None:
    """A tag that names a style counts for the family as well."""
    assert LEXICON.genres("deep house") == {"house": 1.0, "deep-house": 1.0}
    assert LEXICON.genres("german pop") == {"pop": 1.0, "europop": 1.0}


def test_a_general_tag_weighs_less_than_a_specific_one() -> None:
    """ "pop" was given to everybody; "synthwave" was not."""
    assert LEXICON.genres("pop")["pop"] < LEXICON.genres("rock")["rock"] < LEXICON.genres("synthwave")["electronic"]


@pytest.mark.parametrize(
    ("tag", "facet"),
    [
        ("british", "place"),
        ("1990s", "era"),
        ("christmas", "occasion"),
        ("female vocalists", "instrument"),
        ("children's music", "audience"),
        ("melancholic", "mood"),
    ],
)
def test_what_is_no_genre_is_a_facet(tag: str, facet: str) -> None:
    """Place, era, occasion and the like say so and name no genre."""
    assert LEXICON.facet(tag) == facet
    assert LEXICON.genres(tag) == {}


@pytest.mark.parametrize("tag", ["", "   ", "!!!", "qwxyz", "🎸"])
def test_a_tag_that_says_nothing_means_nothing(tag: str) -> None:
    """No genre, no facet, no error."""
    assert LEXICON.genres(tag) == {}
    assert LEXICON.facet(tag) is None


def test_a_genre_has_no_facet() -> None:
    """The two exclude each other."""
    assert LEXICON.facet("techno") is None


@given(st.lists(st.sampled_from(["rock", "sad", "deep house", "k-pop", "latin hip hop", "qwxyz", "2000s"]) | st.text()))
def test_evidence_is_a_distribution_over_families(tags: list[str]) -> None:
    """Families sum to 1 or there is nothing; no style exceeds its family."""
    weights = LEXICON.read_tags(tags)
    assert not weights or sum(weights[slug] for slug in FAMILIES & set(weights)) == pytest.approx(1.0)
    assert all(0 < weight <= weights[TAXONOMY.family_of(slug).slug] + 1e-9 for slug, weight in weights.items())


@given(st.text(max_size=40))
def test_one_tag_never_claims_more_than_everything(tag: str) -> None:
    """The families of one tag sum to at most 1."""
    weights = LEXICON.genres(tag)
    assert sum(weights[slug] for slug in FAMILIES & set(weights)) <= 1 + 1e-9


def test_votes_weigh_the_tags() -> None:
    """A tag that many people gave counts for more than one that one person gave."""
    weights = LEXICON.read_tags({"techno": 9, "trance": 1})
    assert weights["techno"] == pytest.approx(0.9)
    assert LEXICON.read_tags(["techno", "trance"])["techno"] == pytest.approx(0.5)


def test_a_dataset_label_means_what_is_in_it() -> None:
    """The names mislead: "j-dance" is dancehall, "reggae" is reggaeton, "r-n-b" is anything."""
    assert LEXICON.label_genres("j-dance").keys() == {"reggae", "dancehall"}
    assert LEXICON.label_genres("reggae").keys() == {"latin", "reggaeton"}
    assert "hip-hop" in LEXICON.label_genres("hardcore")
    assert LEXICON.label_genres("r-n-b") == {}
    assert LEXICON.label_genres("polkatronica") == {}


def test_an_ending_speaks_within_a_word() -> None:
    """ "*core" fits "swordcore", and a whole phrase goes first."""
    lexicon = _lexicon(genres={"metal": ["*core"], "punk": ["hardcore"]})
    assert lexicon.genres("swordcore") == {"metal": 1.0}
    assert lexicon.genres("hardcore") == {"punk": 1.0}


def test_an_unknown_slug_in_the_lexicon_is_refused() -> None:
    """Every slug must stand in the taxonomy."""
    with pytest.raises(GenresError, match="polkatronica"):
        _lexicon(genres={"polkatronica": ["polka"]})


def test_weights_over_one_are_refused() -> None:
    """A tag cannot say more than everything."""
    with pytest.raises(GenresError, match=r"come to 1\.3"):
        _lexicon(labels={"x": "pop 0.7, rock 0.6"})


def test_a_phrase_with_two_meanings_is_refused() -> None:
    """Spelled differently or not, a phrase stands once."""
    with pytest.raises(GenresError, match="stands twice"):
        _lexicon(genres={"pop": ["sugar pop"], "rock": ["Sugar-Pop"]})


def test_a_phrase_longer_than_can_be_matched_is_refused() -> None:
    """A phrase that would never be found is an error, not a silence."""
    with pytest.raises(GenresError, match="9 words"):
        _lexicon(genres={"pop": ["one two three four five six seven eight nine"]})


@pytest.mark.parametrize(
    ("letter", "family"),
    [
        ("م", "middle-eastern"),
        ("ש", "middle-eastern"),
        ("ह", "south-asian"),
        ("ன", "south-asian"),
        ("ก", "asian-pop"),
        ("あ", "asian-pop"),
    ],
)
def test_a_script_suggests_where_a_song_is_from(letter: str, family: str) -> None:
    """Letters of one region's music name its family, by the name that Unicode has for the script."""
    suggested = LEXICON.scripts[unicodedata.name(letter).split(" ")[0]]
    assert max(FAMILIES & suggested.keys(), key=lambda slug: (suggested[slug], slug)) == family
