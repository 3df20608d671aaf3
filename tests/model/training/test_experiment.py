"""`cratewise train` from end to end on a small dataset."""

import csv
import json
from pathlib import Path

import numpy as np
import polars
import pytest

from cratewise.dataset.clean import clean
from cratewise.dataset.load import load
from cratewise.errors import ModelError
from cratewise.model.classifier import Classifier
from cratewise.model.experiment import train
from cratewise.model.training import Recipe
from cratewise.progress import silent
from cratewise.tracks import Track

RECIPE = Recipe(n_epochs=2, n_specialist_epochs=2, batch_size=64)
LABELS = ("hip-hop", "jazz", "metal", "salsa")
TAGS = {"hip-hop": "hip hop", "jazz": "bebop", "metal": "death metal", "salsa": "salsa"}
COLUMNS = (
    *("track_id", "artists", "album_name", "track_name", "popularity", "duration_ms", "explicit", "danceability"),
    *("energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness", "liveness", "valence"),
    *("tempo", "time_signature", "track_genre"),
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """480 made-up tracks by 60 artists, each artist true to one label, and a tag for each artist."""
    folder = tmp_path_factory.mktemp("data")
    chance = np.random.default_rng(0)
    with (folder / "tracks.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(480):
            artist = number % 60
            sound = chance.random(8).round(3).tolist()
            names = [f"id{number}", f"Artist {artist}", f"Album {number % 97}", f"Song {number}"]
            known = [number % 100, 180_000 + number, "False", sound[0], sound[1], number % 12, -7.5 - sound[2], 1]
            writer.writerow([*names, *known, *sound[2:7], 90 + number % 60, 4, LABELS[artist % 4]])
    rows = [f"Artist {artist}\t\t{TAGS[LABELS[artist % 4]]}\tmusicbrainz" for artist in range(60)]
    rows.append("Stranger\t\tdeath metal\tmusicbrainz")
    header = "artist\tspotify_artist_id\ttag\tsource"
    (folder / "tags.tsv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return folder / "tracks.csv", folder / "tags.tsv"


@pytest.fixture(scope="module", params=["song", "artist"])
def run(request: pytest.FixtureRequest, files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of either split."""
    out = tmp_path_factory.mktemp(request.param)
    train(*files, request.param, 3, out, silent, recipe=RECIPE)
    return out


def test_a_run_leaves_a_report_that_can_be_recomputed(run: Path, files: tuple[Path, Path]) -> None:
    """Every row's hit rate follows from its predictions and the dataset."""
    report = json.loads((run / "report.json").read_text(encoding="utf-8"))
    dataset = clean(load(files[0]))
    truth = {entry.track.track_id: entry.labels for entry in dataset.tracks}
    assert report["rows"]
    for row in report["rows"]:
        frame = polars.read_parquet(run / f"predictions-{row['row']}.parquet")
        p = frame.drop("track_id").to_numpy()
        assert np.allclose(p.sum(axis=1), 1, atol=1e-4)
        best = [frame.columns[1 + place].removeprefix("p:") for place in p.argmax(axis=1)]
        hits = [label in truth[track_id] for label, track_id in zip(best, frame["track_id"], strict=True)]
        assert np.mean(hits) == pytest.approx(row["top_1"], abs=1e-4)
    page = (run / "report.md").read_text(encoding="utf-8")
    for name in ("learning-curve.png", "reliability.png", "f1-by-label.png"):
        assert name in page
        assert (run / name).stat().st_size > 1000


def test_the_exported_model_is_one_that_the_program_runs(run: Path) -> None:
    """The folder of a run loads, and remembers what the tags say of an artist it never heard."""
    classifier = Classifier.load(run)
    assert classifier.manifest.fitted_on == "training part"
    remembered = classifier._knowledge.recall([Track("a", artists=("stranger",)), Track("b", artists=("nobody",))])
    assert remembered.has_tag_vector.tolist() == [[1], [0]]
    assert np.isfinite(classifier.probabilities([Track("a")]).labels).all()


def test_the_same_seed_gives_the_same_bits(run: Path, files: tuple[Path, Path], tmp_path: Path) -> None:
    """Training twice on one machine gives the same weights and tables."""
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    train(*files, manifest["split"], 3, tmp_path, silent, recipe=RECIPE)
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["files"] == manifest["files"]


def test_a_model_fitted_on_all_rows_says_so(files: tuple[Path, Path], tmp_path: Path) -> None:
    """The shipped kind counts every artist, and its report stays that of the test part."""
    report = train(*files, "song", 3, tmp_path, silent, recipe=RECIPE, all_rows=True)
    classifier = Classifier.load(tmp_path)
    assert classifier.manifest.fitted_on == "all rows"
    assert int(classifier._knowledge.artists.counts.sum()) == 480
    assert report.sizes["test"] < 110


def test_too_few_tracks_are_one_clear_error(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Before anything is fitted or written, the number of tracks is held against the batch."""
    rows = files[0].read_text(encoding="utf-8").splitlines()[:9]
    (tmp_path / "few.csv").write_text("\n".join([*rows, ""]), encoding="utf-8")
    with pytest.raises(ModelError, match="8 tracks are too few"):
        train(tmp_path / "few.csv", None, "song", 3, tmp_path / "out", silent, recipe=RECIPE)
    assert not (tmp_path / "out").exists()


def test_a_run_needs_a_folder(files: tuple[Path, Path]) -> None:
    """A file in the folder's place is one clear error."""
    with pytest.raises(ModelError, match="cannot be made"):
        train(*files, "song", 3, files[1], silent, recipe=RECIPE)


def test_no_tags_are_needed(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Without a file of tags, genres are learnt from the labels alone."""
    report = train(files[0], None, "song", 3, tmp_path, silent, recipe=RECIPE)
    assert report.rows[0].figures.top_1 > 0.5
