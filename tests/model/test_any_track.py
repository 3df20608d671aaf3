"""Whatever a track holds, the shipped model answers with probabilities, and its answer is the track's own."""

import csv
import math
from collections.abc import Sequence
from dataclasses import fields, replace
from importlib import resources
from pathlib import Path

import numpy as np
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from cratewise.cli.program import app
from cratewise.genres.taxonomy import load_taxonomy
from cratewise.model.classifier import BATCH, Classifier
from cratewise.model.features import FloatArray
from cratewise.tracks import AudioStatistics, Track

TAXONOMY = load_taxonomy()
PLACES = {family.slug: place for place, family in enumerate(TAXONOMY.families)}
OF_STYLE = [PLACES[style.family] for style in TAXONOMY.styles]

ROUNDING = 1e-5
"""Sums of float32 come out a little different for other numbers of rows; up to 3.4e-6 was seen."""

absurd_number = (
    st.none()
    | st.floats()
    | st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7e308, 10**400, -(10**400), -1, 2**63, 0, 1])
    | st.floats(0, 1)
    | st.integers()
)
any_letters = st.text(st.characters(), max_size=30)  # lone surrogates, NUL and unassigned code points are among them
absurd_text = any_letters | st.sampled_from(
    [
        "",
        " \t\n\u00a0\u200b",
        "\0",
        "\ud800",
        "a\udfffb",
        "\ufeff\ufffe\uffff",
        "\u0301\u0301",
        "!!!",
        "🎵" * 10_000,
        "👩‍👩‍👧‍👦🏳️‍🌈",
        "x" * 10_000,
        "word " * 2_000,
        "\u202eשמש\u202c",
        "ẞİıŉﬃ",
        "日本語 한국어 ไทย हिन्दी עברית ქართული አማርኛ",
        b"\xff\xfe\x00\x80junk".decode("latin-1"),
        b"\xff\x00\xc3".decode("utf-8", "surrogateescape"),
        "'; DROP TABLE songs; -- ${x} %s {0}",
    ]
)
statistics = st.builds(AudioStatistics, **{field.name: absurd_number for field in fields(AudioStatistics)})
tracks = st.builds(
    Track,
    track_id=absurd_text,
    title=absurd_text,
    artists=st.lists(absurd_text, max_size=4).map(tuple)
    | st.just(tuple(f"Artist {place}" for place in range(200)))
    | st.just(("",) * 200)
    | st.just(("Nas", "", "\ud800", "Nas")),
    album=absurd_text,
    duration_ms=absurd_number,
    explicit=st.none() | st.booleans(),
    popularity=absurd_number,
    release_year=st.none() | st.integers(),
    isrc=absurd_text,
    statistics=st.none() | statistics,
    artist_tags=st.lists(absurd_text | st.just("black metal"), max_size=4).map(tuple)
    | st.just(tuple(f"tag {place}" for place in range(500))),
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """The shipped model."""
    return Classifier.load()


@pytest.fixture(scope="module")
def songs() -> list[Track]:
    """Songs of the demo library, more than two batches of them, every third with a sound."""
    with resources.files("cratewise.spotify.sandbox").joinpath("demo_library.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sounds = (None, None, AudioStatistics(energy=0.9, valence=0.1, tempo_bpm=171.0))
    found = [
        Track(str(place), row["title"], tuple(row["artists"].split(" ; ")), row["album"], statistics=sounds[place % 3])
        for place, row in enumerate(rows)
    ]
    return (found * 3)[: 2 * BATCH + 10]


def said(classifier: Classifier, found: Sequence[Track]) -> list[FloatArray]:
    """Probabilities of families, styles and labels."""
    answers = classifier.answers(found, labels=True)
    assert answers.labels is not None
    return [answers.probabilities.families, answers.probabilities.styles, answers.labels]


def differ(one: Sequence[FloatArray], other: Sequence[FloatArray]) -> float:
    """The greatest difference of any probability."""
    return max(float(np.abs(a - b).max(initial=0)) for a, b in zip(one, other, strict=True))


def rows(p: Sequence[FloatArray], places: Sequence[int]) -> list[FloatArray]:
    """Some tracks' probabilities."""
    return [values[list(places)] for values in p]


@settings(max_examples=150)
@given(found=st.lists(tracks, min_size=1, max_size=4))
def test_nothing_breaks_it(classifier: Classifier, found: list[Track]) -> None:
    """Probabilities are finite and sum to 1, a style is no likelier than its family, and there is a verdict on each."""
    p = classifier.probabilities(found)
    for values in (p.families, classifier.labels(found)):
        assert values.min() >= 0
        assert values.sum(axis=1, dtype=np.float64) == pytest.approx(1, abs=1e-5)
    assert p.styles.min() >= 0
    assert np.isfinite(p.pulls).all()
    assert (p.styles <= p.families[:, OF_STYLE] + 1e-6).all()
    for track, verdict in zip(found, classifier.verdicts(found, p), strict=True):
        assert verdict.track_id == track.track_id
        assert 0 < verdict.confidence <= 1 + 1e-6
        assert TAXONOMY.family_of(verdict.genre).slug == verdict.family != verdict.runner_up
        assert verdict.reason.endswith(".")


@given(found=st.lists(tracks, min_size=1, max_size=4))
def test_every_track_has_a_place(classifier: Classifier, found: list[Track]) -> None:
    """Whatever a track holds, its embedding has length 1 and its place is on the map."""
    likeness = classifier.likeness(found)
    assert np.allclose(np.linalg.norm(likeness.embedding, axis=1), 1, atol=1e-4)
    assert np.isfinite(likeness.place).all()
    assert np.abs(likeness.place).max() <= 1


@settings(max_examples=40)
@given(found=st.lists(tracks, min_size=2, max_size=5), data=st.data())
def test_neighbours_and_order_change_no_answer(classifier: Classifier, found: list[Track], data: st.DataObject) -> None:
    """A track gets the same answer alone, and in any place among any others."""
    together = said(classifier, found)
    order = data.draw(st.permutations(range(len(found))))
    assert differ(said(classifier, [found[place] for place in order]), rows(together, order)) < ROUNDING
    for place, track in enumerate(found):
        assert differ(said(classifier, [track]), rows(together, [place])) < ROUNDING


@pytest.mark.parametrize("size", [1, 7, BATCH, 10 * BATCH])
def test_the_size_of_a_batch_changes_no_answer(
    classifier: Classifier, songs: list[Track], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Songs are read in batches for speed alone."""
    wanted = said(classifier, songs)
    monkeypatch.setattr("cratewise.model.classifier.BATCH", size)
    assert differ(said(classifier, songs), wanted) < ROUNDING


@settings(max_examples=30)
@given(data=st.data())
def test_the_order_of_tags_changes_no_answer(classifier: Classifier, data: st.DataObject) -> None:
    """Tags are a set."""
    known = ["black metal", "death metal", "southern hip hop", "bossa nova", "k-pop", "no such tag", "ambient"]
    tags = data.draw(st.lists(st.sampled_from(known) | any_letters, max_size=8))
    shuffled = data.draw(st.permutations(tags))
    one, other = (Track("t", artist_tags=tuple(order)) for order in (tags, shuffled))
    assert differ(said(classifier, [one]), said(classifier, [other])) < 1e-5


@settings(max_examples=30)
@given(track=tracks, blank=st.sampled_from(["", " ", "\t\n", "\u00a0", "\u0301"]))
def test_an_empty_text_is_an_absent_one(classifier: Classifier, track: Track, blank: str) -> None:
    """Blanks, and marks that stand on no letter, say nothing; nor do blank artists and tags among others."""
    absent = replace(track, title="", album="", artists=("ABBA",), artist_tags=("pop",))
    empty = replace(track, title=blank, album=blank, artists=(blank, "ABBA", blank), artist_tags=(blank, "pop"))
    assert differ(said(classifier, [absent]), said(classifier, [empty])) == 0
    none, blanks = (replace(absent, artists=artists, artist_tags=artists) for artists in ((), (blank,)))
    assert differ(said(classifier, [none]), said(classifier, [blanks])) == 0


@pytest.mark.parametrize("nothing", [math.nan, math.inf, -math.inf, -(10**400), 10**400, -7, 1e30])
def test_a_number_that_cannot_be_is_an_absent_one(classifier: Classifier, nothing: float) -> None:
    """NaN is `None`, and so is what no track can have, in every place at once and one by one."""
    known = Track("t", "Air", ("Nobody",), duration_ms=200_000, popularity=50, statistics=AudioStatistics(energy=0.5))
    for name in ("duration_ms", "popularity"):
        one, other = (replace(known, **{name: value}) for value in (None, nothing))
        assert differ(said(classifier, [one]), said(classifier, [other])) == 0
    names = [field.name for field in fields(AudioStatistics) if nothing != -7 or field.name != "loudness_db"]
    absurd = replace(known, statistics=AudioStatistics(**dict.fromkeys(names, nothing)))
    silent = replace(known, statistics=None)
    assert differ(said(classifier, [silent]), said(classifier, [absurd])) == 0


def test_nan_statistics_are_said_to_be_missing(classifier: Classifier) -> None:
    """The reason doesn't speak of a sound that isn't there."""
    track = Track("t", artists=("ABBA",), statistics=AudioStatistics(energy=math.nan, tempo_bpm=math.nan))
    assert classifier.classify([track])[0].reason.endswith("; no audio statistics.")


def test_a_file_of_absurd_values_is_classified(tmp_path: Path) -> None:
    """From the command: numbers that cannot be are left out with a note; every row has its answer."""
    texts = ["", "🎵" * 10_000, "👩‍👩‍👧‍👦", 'a "quoted"; one,\nin two lines', "\u202eשמש", ";;;", "\ufeff", "\x01\x1f"]
    numbers = ["", "nan", "inf", "-inf", "1e400", "-5", "NA", "9" * 400]
    path, out = tmp_path / "songs.csv", tmp_path / "sorted.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["track_id", "artists", "track_name", "album_name", "energy", "tempo", "key", "duration_ms"])
        for text, number in zip(texts, numbers, strict=True):
            writer.writerow([text, ";".join([text] * 200), text, text, number, number, number, number])
    done = CliRunner().invoke(app, ["classify", str(path), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "impossible values left out" in done.output
    written = polars.read_csv(out)
    assert written.height == len(texts)
    assert written["confidence"].is_between(0, 1).all()
