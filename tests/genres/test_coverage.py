"""How much of the real tags the lexicon decides, and whether well-known artists land where everybody puts them."""

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from cratewise.genres.lexicon import load_lexicon
from cratewise.genres.taxonomy import load_taxonomy
from cratewise.tracks import normalised

LEXICON = load_lexicon()
FAMILIES_IN_ORDER = tuple(family.slug for family in load_taxonomy().families)
FAMILIES = frozenset(FAMILIES_IN_ORDER)
KNOWN_ARTISTS = Path(__file__).with_name("known_artists.csv")
MANY_ARTISTS = 20

ArtistTags = Mapping[str, Mapping[str, Counter[str]]]
"""Source -> artist (folded) -> how often each tag stands there."""


@pytest.fixture(scope="module")
def artist_tags(shared: Path) -> ArtistTags:
    """The artist tags of the shared data, read once."""
    tags: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    with (shared / "data" / "artist_tags.tsv").open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            artist, _, tag, source = line.rstrip("\n").split("\t")
            tags[source][normalised(artist)][tag] += 1
    return tags


@pytest.fixture(scope="module")
def known_artists() -> dict[str, set[str]]:
    """The hand-written list: artist -> the families that anybody would accept."""
    with KNOWN_ARTISTS.open(encoding="utf-8", newline="") as file:
        return {row["artist"]: set(row["families"].split(";")) for row in csv.DictReader(file)}


def _is_decided(tag: str) -> bool:
    return bool(LEXICON.genres(tag)) or LEXICON.facet(tag) is not None


def _artists_of_tags(artist_tags: ArtistTags) -> Counter[str]:
    pairs = {(artist, tag) for artists in artist_tags.values() for artist, tags in artists.items() for tag in tags}
    return Counter(tag for _, tag in pairs)


def test_every_tag_of_many_artists_is_decided(artist_tags: ArtistTags) -> None:
    """What twenty artists or more carry is a genre or, on purpose, a facet."""
    tags = _artists_of_tags(artist_tags)
    assert [tag for tag, artists in tags.items() if artists >= MANY_ARTISTS and not _is_decided(tag)] == []


def test_nearly_all_of_what_artists_carry_is_decided(artist_tags: ArtistTags) -> None:
    """Of all pairs of artist and tag, 96.1 % name a genre and 3.2 % a facet, as measured."""
    tags = _artists_of_tags(artist_tags)
    pairs = tags.total()
    assert sum(artists for tag, artists in tags.items() if LEXICON.genres(tag)) / pairs >= 0.955
    assert sum(artists for tag, artists in tags.items() if _is_decided(tag)) / pairs >= 0.99


def test_every_style_is_named_by_some_tag(artist_tags: ArtistTags) -> None:
    """No family and no style is out of reach of the tags there are."""
    reached = {slug for tag in _artists_of_tags(artist_tags) for slug in LEXICON.genres(tag)}
    assert {style.slug for style in load_taxonomy().styles} | FAMILIES <= reached


def test_the_list_of_known_artists_covers_the_families(known_artists: dict[str, set[str]]) -> None:
    """At least 300 artists, at least five for each family, and only families that exist."""
    counts = Counter(family for families in known_artists.values() for family in families)
    assert len(known_artists) >= 300
    assert counts.keys() == FAMILIES
    assert min(counts.values()) >= 5


def _share_that_lands(
    tags_of: Mapping[str, Mapping[str, float]], known_artists: Mapping[str, set[str]]
) -> tuple[float, int]:
    """Returns the share whose strongest family is acceptable, and how many artists have tags; prints the misses.

    Of families equally strong the first of the taxonomy counts, whatever order a set would give them.
    """
    met = hits = 0
    for artist, families in known_artists.items():
        evidence = LEXICON.read_tags(tags_of.get(normalised(artist), {}))
        if not evidence:
            continue
        strongest = max(FAMILIES_IN_ORDER, key=lambda family: evidence.get(family, 0.0))
        met += 1
        hits += strongest in families
        if strongest not in families:
            print(f"{artist}: {strongest} ({evidence[strongest]:.0%}), wanted {' or '.join(sorted(families))}")
    return hits / met, met


def test_known_artists_land_where_everybody_puts_them(
    artist_tags: ArtistTags, known_artists: dict[str, set[str]]
) -> None:
    """By the tags of all sources, 97.5 % of the artists do, as measured; what is left are mostly namesakes."""
    tags_of: dict[str, Counter[str]] = defaultdict(Counter)
    for artists in artist_tags.values():
        for artist, tags in artists.items():
            tags_of[artist].update(tags)
    share, met = _share_that_lands(tags_of, known_artists)
    assert met >= 550
    assert share >= 0.97


def test_known_artists_land_right_by_musicbrainz_alone(
    artist_tags: ArtistTags, known_artists: dict[str, set[str]]
) -> None:
    """By the tags that a user has at run time, 95.6 % of the artists that have some do, as measured."""
    share, met = _share_that_lands(artist_tags["musicbrainz"], known_artists)
    assert met >= 300
    assert share >= 0.94
