"""The shipped model."""

import csv
import shutil
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cratewise.errors import ModelError
from cratewise.genres.taxonomy import load_taxonomy
from cratewise.model.classifier import Classifier
from cratewise.model.manifest import KNOWLEDGE, MANIFEST, NETWORK
from cratewise.tracks import AudioStatistics, Track

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


numbers = st.none() | st.floats() | st.integers(-(10**20), 10**20)
texts = st.text(max_size=30) | st.just("") | st.just("🎵" * 10_000)
absurd = st.builds(
    Track,
    track_id=st.just("t"),
    title=texts,
    artists=st.lists(texts, max_size=3).map(tuple) | st.just(tuple(f"Artist {n}" for n in range(200))),
    album=texts,
    duration_ms=numbers,
    popularity=numbers,
    statistics=st.none() | st.builds(AudioStatistics, energy=numbers, tempo_bpm=numbers, key=numbers, mode=numbers),
    artist_tags=st.lists(texts, max_size=3).map(tuple),
)


@settings(max_examples=60)
@given(tracks=st.lists(absurd, min_size=1, max_size=3))
def test_nothing_breaks_it(classifier: Classifier, tracks: list[Track]) -> None:
    """Whatever a track holds, probabilities are finite, sum to 1, and a style is no likelier than its family."""
    p = classifier.probabilities(tracks)
    for values in (p.families, p.labels):
        assert np.isfinite(values).all()
        assert np.allclose(values.sum(axis=1), 1, atol=1e-4)
    place = {family.slug: index for index, family in enumerate(TAXONOMY.families)}
    of_style = [place[style.family] for style in TAXONOMY.styles]
    assert (p.styles <= p.families[:, of_style] + 1e-6).all()


def test_no_tracks_give_no_answers(classifier: Classifier) -> None:
    """An empty list is no error."""
    assert classifier.classify([]) == []
    assert classifier.probabilities([]).families.shape == (0, len(TAXONOMY.families))


def test_a_batch_changes_no_answer(classifier: Classifier) -> None:
    """A track gets the same answer alone and among two thousand others."""
    track = Track("t", "Juicy", ("The Notorious B.I.G.",), "Ready to Die")
    others = [Track(str(n), f"Song {n}", (f"Artist {n}",)) for n in range(2000)]
    together = classifier.classify([*others, track])[-1]
    alone = classifier.classify([track])[0]
    assert (together.genre, together.family) == (alone.genre, alone.family)
    assert together.confidence == pytest.approx(alone.confidence, abs=1e-5)


def test_the_model_says_what_it_is(classifier: Classifier) -> None:
    """The manifest names data, recipe and figures; the shipped model is small and good enough."""
    manifest = classifier.manifest
    assert manifest.fitted_on == "all rows"
    assert set(manifest.data) == {"tracks", "artist_tags"}
    assert manifest.figures["1-everything"]["top_1"] >= 0.85
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 12_000_000


def cut(path: Path) -> None:
    """Cuts a file in half."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: cut(folder / NETWORK),
        lambda folder: cut(folder / KNOWLEDGE),
        lambda folder: (folder / NETWORK).unlink(),
        lambda folder: (folder / MANIFEST).unlink(),
        lambda folder: cut(folder / MANIFEST),
        lambda folder: (folder / MANIFEST).write_text("[]"),
        lambda folder: (folder / MANIFEST).write_text('{"format": 99}'),
    ],
)
def test_a_damaged_or_foreign_model_is_one_clear_error(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """Whatever is wrong with the files, the error names the folder or the file."""
    folder = tmp_path / "model"
    shutil.copytree(SHIPPED, folder)
    damage(folder)
    with pytest.raises(ModelError, match="model"):
        Classifier.load(folder)


@pytest.mark.parametrize(
    ("title", "artist", "family"),
    [("الأطلال", "أم كلثوم", "middle-eastern"), ("שיר", "זמרת", "middle-eastern"), ("เพลง", "นักร้อง", "asian-pop")],
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
