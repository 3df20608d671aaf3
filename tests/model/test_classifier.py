"""The shipped model."""

import csv
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from cratewise.genres.taxonomy import load_taxonomy
from cratewise.model.classifier import Classifier
from cratewise.tracks import Track

SHIPPED = Path(str(resources.files("cratewise.model") / "weights"))
TAXONOMY = load_taxonomy()


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    """The shipped model."""
    return Classifier.load()


def family_of(classifier: Classifier, **known: object) -> str:
    """The family of one track."""
    return classifier.classify([Track("t", **known)])[0].family  # type: ignore[arg-type] # tests name real fields


@pytest.mark.parametrize(
    ("artist", "families"),
    [
        ("The Notorious B.I.G.", {"hip-hop"}),
        ("Nas", {"hip-hop"}),
        ("Chuck Berry", {"rock", "blues"}),
        ("Vybz Kartel", {"reggae"}),
        ("Johann Sebastian Bach", {"classical"}),
        ("Bad Bunny", {"latin"}),
        ("Metallica", {"metal", "rock"}),
        ("Miles Davis", {"jazz"}),
        ("Johnny Cash", {"country"}),
        ("Bob Marley & The Wailers", {"reggae"}),
        ("BTS", {"asian-pop"}),
        ("Armin van Buuren", {"trance", "edm"}),
    ],
)
def test_a_known_artist_lands_where_everybody_would_put_it(
    classifier: Classifier, artist: str, families: set[str]
) -> None:
    """With nothing but the artist's name, as a new Spotify app gives it."""
    assert family_of(classifier, artists=(artist,)) in families


def test_tags_speak_for_an_artist_nobody_knows(classifier: Classifier) -> None:
    """Given tags decide where the model has never heard of the artist."""
    assert family_of(classifier, artists=("Qwxz Nobody",), artist_tags=("black metal", "death metal")) == "metal"
    assert family_of(classifier, artists=("Qwxz Nobody",), artist_tags=("southern hip hop",)) == "hip-hop"


def test_most_of_the_demo_library_lands_where_a_listener_would_put_it(
    classifier: Classifier, request: pytest.FixtureRequest
) -> None:
    """Of the songs the model is sure of, nine in ten go to a family that a listener accepts; names alone are known."""
    folder = resources.files("cratewise.spotify.sandbox")
    with folder.joinpath("demo_library.csv").open(encoding="utf-8", newline="") as file:
        albums = {(row["artists"].split(" ; ")[0], row["title"]): row for row in csv.DictReader(file)}
    with request.path.with_name("demo_families.csv").open(encoding="utf-8", newline="") as file:
        judged = [row for row in csv.DictReader(file) if row["families"]]
    songs = [albums[row["artist"], row["title"]] for row in judged]
    tracks = [Track("t", row["title"], tuple(row["artists"].split(" ; ")), row["album"]) for row in songs]
    verdicts = classifier.classify(tracks)
    sure = [(v, row) for v, row in zip(verdicts, judged, strict=True) if not v.is_unsure]
    hits = [TAXONOMY.genre(v.family).name in row["families"].split(";") for v, row in sure]
    assert len(sure) / len(judged) > 0.85
    assert np.mean(hits) > 0.9


def test_a_place_is_the_same_in_every_library(classifier: Classifier) -> None:
    """A track stands where it stands, alone or among two thousand, in whatever order."""
    track = Track("t", "Juicy", ("The Notorious B.I.G.",), "Ready to Die")
    others = [Track(str(n), f"Song {n}", (f"Artist {n}",)) for n in range(2000)]
    alone, among = classifier.likeness([track]), classifier.likeness([*others, track])
    assert among.place[-1] == pytest.approx(alone.place[0], abs=1e-5)
    assert among.embedding[-1] == pytest.approx(alone.embedding[0], abs=1e-5)


@pytest.mark.parametrize(
    ("artist", "near", "far"),
    [
        ("Nas", "The Notorious B.I.G.", "Johann Sebastian Bach"),
        ("Metallica", "Slayer", "Bob Marley & The Wailers"),
        ("Jeff Mills", "Richie Hawtin", "Johnny Cash"),
        ("Miles Davis", "John Coltrane", "BTS"),
    ],
)
def test_like_artists_are_neighbours(classifier: Classifier, artist: str, near: str, far: str) -> None:
    """By embedding, with names alone."""
    found = classifier.likeness([Track("t", artists=(name,)) for name in (artist, near, far)])
    cosines = found.embedding @ found.embedding[0]
    assert cosines[1] > cosines[2] + 0.3


def test_neighbours_on_the_map_are_of_a_kind(classifier: Classifier) -> None:
    """Of a song's five nearest by other artists on the map of the demo library, most share its family."""
    with resources.files("cratewise.spotify.sandbox").joinpath("demo_library.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tracks = [Track("t", row["title"], tuple(row["artists"].split(" ; ")), row["album"]) for row in rows]
    sure = [(track, v.family) for track, v in zip(tracks, classifier.classify(tracks), strict=True) if not v.is_unsure]
    place = classifier.likeness([track for track, _ in sure]).place
    families, artists = np.array([family for _, family in sure]), np.array([track.artists[0] for track, _ in sure])
    distances = np.linalg.norm(place[:, None] - place, axis=2)
    distances[artists[:, None] == artists] = np.inf
    nearest = distances.argsort(axis=1)[:, :5]
    assert (families[nearest] == families[:, None]).mean() > 0.5  # one in twenty by chance


def test_no_tracks_give_no_answers(classifier: Classifier) -> None:
    """An empty list is no error."""
    assert classifier.classify([]) == []
    assert classifier.probabilities([]).families.shape == (0, len(TAXONOMY.families))


def test_the_model_says_what_it_is(classifier: Classifier) -> None:
    """The manifest names data, recipe and figures; the shipped model is small and good enough."""
    manifest = classifier.manifest
    assert manifest.fitted_on == "all rows"
    assert set(manifest.data) == {"tracks", "artist_tags"}
    assert manifest.figures["1-everything"]["top_1"] >= 0.85
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 12_000_000


@pytest.mark.parametrize(
    ("title", "artist", "family"),
    [("الأطلال", "أم كلثوم", "middle-eastern"), ("गाना", "गायक", "south-asian"), ("เพลง", "นักร้อง", "asian-pop")],
)
def test_a_script_is_evidence_where_nothing_else_is(
    classifier: Classifier, title: str, artist: str, family: str
) -> None:
    """The best guess for a song by an unknown artist is the music that is written in its letters."""
    assert family_of(classifier, title=title, artists=(artist,)) == family


def test_letters_of_many_kinds_of_music_decide_nothing(classifier: Classifier) -> None:
    """Greek letters stand on every kind of music: the song is unsure."""
    [said] = classifier.classify([Track("x", "Ένα το χελιδόνι", ("Άγνωστος",))])
    assert said.is_unsure
