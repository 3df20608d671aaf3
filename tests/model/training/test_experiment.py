"""`cratewise train` from end to end on a small dataset."""

import csv
import json
import random
import re
from pathlib import Path

import numpy as np
import polars
import pytest
from sklearn.metrics import accuracy_score, average_precision_score, f1_score

from cratewise.dataset.split import By
from cratewise.errors import DataFileError, ModelError
from cratewise.model.classifier import Classifier
from cratewise.model.conditions import CONDITIONS
from cratewise.model.experiment import train
from cratewise.model.recipe import Recipe
from cratewise.model.report.page import PLOTS
from cratewise.progress import silent
from cratewise.tracks import AudioStatistics, Track

RECIPE = Recipe(n_epochs=2, n_specialist_epochs=2, batch_size=64, n_style_steps=20, n_plane_steps=20)
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


def labels_in(file: Path) -> dict[str, set[str]]:
    """The labels of each track, read from the dataset's file by nothing of this program."""
    labels: dict[str, set[str]] = {}
    with file.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            labels.setdefault(row["track_id"], set()).add(row["track_genre"])
    return labels


def share_above(confidence: np.ndarray, hits: np.ndarray, precision: float) -> float:
    """The greatest share of tracks above some confidence that are right so often."""
    above = [confidence >= least for least in confidence]
    return max((float(some.mean()) for some in above if hits[some].mean() >= precision), default=0.0)


def test_every_figure_can_be_recomputed(run: Path, files: tuple[Path, Path]) -> None:
    """From a row's predictions, its thresholds in the report, and the dataset's file alone."""
    report = json.loads((run / "report.json").read_text(encoding="utf-8"))
    truth = labels_in(files[0])
    assert report["rows"]
    for row in report["rows"]:
        frame = polars.read_parquet(run / f"predictions-{row['row']}.parquet")
        assert frame["track_id"].is_unique().all()
        assert set(frame.dtypes[1:]) == {polars.Float32}
        names = [name.removeprefix("p:") for name in frame.columns[1:]]
        p = frame.drop("track_id").to_numpy()
        y = np.array([[name in truth[track_id] for name in names] for track_id in frame["track_id"]])
        ranks = np.array([[int((row > value).sum()) for value in row] for row in p])
        hits, confidence = y[np.arange(len(y)), p.argmax(axis=1)], p.max(axis=1)
        own, known = np.nonzero(y)[1], y.any(axis=0)
        said = p.argmax(axis=1).repeat(y.sum(axis=1))
        bins = [(confidence > low / 15) & (confidence <= (low + 1) / 15) for low in range(15)]
        limits = np.array([report["thresholds"][row["row"]][name] for name in names], dtype=np.float32)
        wanted = {
            "n_tracks": len(y),
            **{
                f"top_{k}": np.mean([(rank[own] < k).any() for rank, own in zip(ranks, y, strict=True)])
                for k in (1, 3, 5)
            },
            "mean_average_precision": average_precision_score(y[:, known], p[:, known], average="macro"),
            "macro_f1": f1_score(y, p > limits, average="macro", zero_division=0),
            "row_accuracy": accuracy_score(own, said),
            "row_macro_f1": f1_score(own, said, average="macro", zero_division=0),
            "calibration_error": sum(abs(hits[b].sum() - confidence[b].sum()) for b in bins) / len(y),
            "sorted_at_95": share_above(confidence, hits, 0.95),
            "sorted_at_99": share_above(confidence, hits, 0.99),
        }
        assert {name: row[name] for name in wanted} == pytest.approx(wanted, abs=1e-4), row["row"]


def test_families_can_be_recomputed(run: Path) -> None:
    """Hits, accuracy and confusions follow from what was said without tags and from what the tags say."""
    report = json.loads((run / "report.json").read_text(encoding="utf-8"))
    (file,) = run.glob("predictions-*families.parquet")
    said = polars.read_parquet(file)
    shares = polars.read_parquet(run / "family-truth.parquet")
    assert shares["track_id"].to_list() == said["track_id"].to_list()
    p, y = said.drop("track_id").to_numpy(), shares.drop("track_id").to_numpy()
    best = p.argmax(axis=1)
    families = report["families"]
    assert families["hit_rate"] == pytest.approx(np.mean(y[np.arange(len(y)), best] >= 0.25), abs=1e-4)
    assert families["accuracy"] == pytest.approx(np.mean(y.argmax(axis=1) == best), abs=1e-4)
    assert np.sum(families["counts_by_tags_and_network"]) == len(y)
    assert next(row for row in report["rows"] if row["text"] == "no tags")["family_hit"] == families["hit_rate"]


def test_the_part_of_every_track_is_told(run: Path, files: tuple[Path, Path]) -> None:
    """Each track of the dataset stands in the list once, and the test part is what was judged."""
    parts = polars.read_parquet(run / "parts.parquet")
    assert sorted(parts["track_id"]) == sorted(labels_in(files[0]))
    sizes = json.loads((run / "report.json").read_text(encoding="utf-8"))["sizes"]
    assert {name: (parts["part"] == name).sum() for name in sizes} == sizes
    (everything,) = run.glob("predictions-*-everything.parquet")
    judged = set(polars.read_parquet(everything)["track_id"])
    assert judged == set(parts.filter(polars.col("part") == "test")["track_id"])


def test_the_page_shows_every_plot(run: Path) -> None:
    """Nothing is shown that isn't there, and nothing is there that isn't shown."""
    page = (run / "report.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"\]\(([\w-]+\.png)\)", page))
    assert shown == {path.name for path in run.glob("*.png")} == set(PLOTS.values())


def test_the_exported_model_is_one_that_the_program_runs(run: Path) -> None:
    """The folder of a run loads, and remembers what the tags say of an artist it never heard."""
    classifier = Classifier.load(run)
    assert classifier.manifest.fitted_on == "training part"
    remembered = classifier._knowledge.recall([Track("a", artists=("stranger",)), Track("b", artists=("nobody",))])
    assert remembered.has_tag_vector.tolist() == [[1], [0]]
    assert np.isfinite(classifier.labels([Track("a")])).all()


def test_the_program_reads_the_map_of_a_run(run: Path) -> None:
    """Lengths are 1, places are within bounds, and asking for both gives what asking for each does."""
    classifier = Classifier.load(run)
    heard = AudioStatistics(energy=0.9, danceability=0.2, tempo_bpm=140.0)
    tracks = [Track("a"), *(Track(f"{n}", artists=(f"Artist {n}",), statistics=heard) for n in range(4))]
    found = classifier.likeness(tracks)
    assert np.allclose(np.linalg.norm(found.embedding, axis=1), 1, atol=1e-5)
    assert np.abs(found.place).max() <= 1
    assert np.abs(found.place[0]).max() < 1e-5
    both = classifier.answers(tracks, likeness=True)
    assert both.likeness is not None
    assert np.array_equal(both.likeness.embedding, found.embedding)
    assert np.array_equal(both.likeness.place, found.place)
    assert np.array_equal(both.probabilities.styles, classifier.probabilities(tracks).styles)
    nothing = classifier.likeness([])
    assert nothing.embedding.shape == (0, found.embedding.shape[1])
    assert nothing.place.shape == (0, 2)


def test_the_same_seed_gives_the_same_bits(run: Path, files: tuple[Path, Path], tmp_path: Path) -> None:
    """Training twice gives the same files, byte for byte, and the same figures, even if the lines were shuffled."""
    chance = random.Random(6)  # noqa: S311  # no secret
    for file in files:
        header, *lines = file.read_text(encoding="utf-8").splitlines()
        chance.shuffle(lines)
        (tmp_path / file.name).write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    shuffled = (tmp_path / files[0].name, tmp_path / files[1].name)
    train(*shuffled, manifest["split"], 3, tmp_path / "run", silent, recipe=RECIPE)
    again = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert again["data"] != manifest["data"]
    assert again["files"] == manifest["files"]
    for name in ("report.json", "report.md", *(path.name for path in run.glob("*.parquet"))):
        assert (tmp_path / "run" / name).read_bytes() == (run / name).read_bytes(), name


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


def test_a_source_of_tags_that_nobody_knows_is_one_clear_error(files: tuple[Path, Path], tmp_path: Path) -> None:
    """The error says which line, and what is known."""
    tags = tmp_path / "tags.tsv"
    tags.write_text("artist\tspotify_artist_id\ttag\tsource\nNas\t\trap\tmusicbrainz\nNas\t\trap\tlastfm\n")
    with pytest.raises(DataFileError, match="line 3: no source of tags is called 'lastfm'") as caught:
        train(files[0], tags, "song", 3, tmp_path / "run", silent, recipe=RECIPE)
    assert "musicbrainz" in caught.value.hint
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("by", ["song", "artist"])
def test_no_tags_are_needed(by: By, files: tuple[Path, Path], tmp_path: Path) -> None:
    """Without a file of tags, genres are learnt from the labels alone, and rows that are about tags are left out."""
    report = train(files[0], None, by, 3, tmp_path, silent, recipe=RECIPE)
    assert [row.name for row in report.rows] == [row.row for row in CONDITIONS[by] if row.row[0] not in "78"]
    assert report.rows[0].figures.top_1 > {"song": 0.5, "artist": 0.35}[by]  # of four labels
    assert report.families is None
    assert "taken for which" not in (tmp_path / "report.md").read_text(encoding="utf-8")
