"""`cratewise baselines`: one table, a run that goes on where it stopped, and clear errors."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from cratewise.cli.program import app
from cratewise.errors import ModelError
from cratewise.model.evaluation import Figures
from cratewise.model.experiment import train
from cratewise.model.peers.comparison import Choice, compare
from cratewise.model.peers.ledger import LEDGER, Ledger
from cratewise.model.peers.lookups import ArtistLookup
from cratewise.model.peers.page import PAGE, verdict
from cratewise.model.peers.part import Part, Peer, Predictor, Steps
from cratewise.model.peers.trees import RandomForest
from cratewise.model.recipe import Recipe
from cratewise.progress import silent

from .conftest import Sample

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")  # on import of pytabkit
FEW = Choice(rows=("1-everything", "4-statistics-only"))
LOOKUP = ArtistLookup()


@dataclass(frozen=True, slots=True)
class Broken:
    """A peer that fails."""

    name: ClassVar[str] = "broken"
    title: ClassVar[str] = "broken"

    def fit(self, train: Part, validation: Part, seed: int, steps: Steps) -> Predictor:
        """Stops the run."""
        raise KeyboardInterrupt


def run_of(sample: Sample, out: Path, *peers: Peer, seed: int = 1, run: Path | None = None) -> Ledger:
    """A comparison of some peers by song."""
    return compare(sample.tracks, sample.tags, "song", seed, out, silent, choice=FEW, run=run, everyone=peers)


def test_every_figure_stands_in_the_table(sample: Sample, small_peers: tuple[Peer, ...], tmp_path: Path) -> None:
    """Each chosen row and peer has its figures and wall times in the ledger, and its line on the page."""
    ledger = run_of(sample, tmp_path, *small_peers)
    found = json.loads((tmp_path / LEDGER).read_text(encoding="utf-8"))
    assert [(entry["row"], entry["peer"]) for entry in found["results"]] == [
        (row, peer.name) for row in FEW.rows for peer in small_peers
    ]
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    for result in ledger.results:
        assert result.fit_s + result.predict_s + result.encode_s > 0
        assert f"| {result.figures.top_1:.3f} | {result.figures.top_3:.3f} |" in page
    assert page.count("| random forest |") == 2
    assert "network" not in page.split("## ", 1)[1]


def test_a_stopped_run_goes_on_where_it_was(sample: Sample, tmp_path: Path) -> None:
    """What was measured before is kept to the last digit and not measured again."""
    with pytest.raises(KeyboardInterrupt):
        run_of(sample, tmp_path, RandomForest(n_trees=3), Broken())
    before = json.loads((tmp_path / LEDGER).read_text(encoding="utf-8"))["results"]
    assert len(before) == 1
    after = run_of(sample, tmp_path, RandomForest(n_trees=3))
    assert json.loads((tmp_path / LEDGER).read_text(encoding="utf-8"))["results"][0] == before[0]
    assert [result.row for result in after.results] == list(FEW.rows)


def test_a_folder_holds_one_comparison(sample: Sample, tmp_path: Path) -> None:
    """Another seed, other data or other settings of a peer are one clear error, and nothing is overwritten."""
    run_of(sample, tmp_path, LOOKUP)
    text = (tmp_path / LEDGER).read_text(encoding="utf-8")
    with pytest.raises(ModelError, match="has seed 1, not 2"):
        run_of(sample, tmp_path, LOOKUP, seed=2)
    with pytest.raises(ModelError, match="another file of artist tags"):
        compare(sample.tracks, None, "song", 1, tmp_path, silent, everyone=[LOOKUP])
    with pytest.raises(ModelError, match="is split by song, not by artist"):
        compare(sample.tracks, sample.tags, "artist", 1, tmp_path, silent, everyone=[LOOKUP])
    with pytest.raises(ModelError, match="has artist-lookup with the settings"):
        run_of(sample, tmp_path, ArtistLookup(smoothings=(1.0,)))
    assert (tmp_path / LEDGER).read_text(encoding="utf-8") == text
    for no_ledger in (b"{}", b"null", b"7", b"[]", b"\xff\x00"):
        (tmp_path / LEDGER).write_bytes(no_ledger)
        with pytest.raises(ModelError, match="is not a ledger"):
            run_of(sample, tmp_path, LOOKUP)


def test_the_network_stands_in_the_same_table(sample: Sample, tmp_path: Path) -> None:
    """A run of `cratewise train` has its line in every row, and who wins is said; one of another seed is refused."""
    run = tmp_path / "run"
    report = train(sample.tracks, sample.tags, "song", 1, run, silent, recipe=Recipe(n_epochs=1, batch_size=64))
    run_of(sample, tmp_path / "peers", LOOKUP, run=run)
    page = (tmp_path / "peers" / PAGE).read_text(encoding="utf-8")
    assert page.count("| **cratewise** |") == page.count("The network ") == 2
    assert f"| **cratewise** | {report.rows[0].figures.top_1:.3f} |" in page
    with pytest.raises(ModelError, match="has seed 1, not 2"):
        run_of(sample, tmp_path / "others", LOOKUP, seed=2, run=run)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "The network wins, in every figure."),
        ({"macro_f1": 0.95}, "The network wins; a peer is as good or better in macro-F1 (look-up, 0.950)."),
        ({"top_1": 0.9}, "The network does not win; a peer is as good or better in top-1 (look-up, 0.900)."),
        ({"calibration_error": 0.01}, "The network wins; a peer is as good or better in ECE (look-up, 0.010)."),
    ],
)
def test_who_wins_is_said(
    changes: dict[str, float], said: str, sample: Sample, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Top-1 decides, a draw is no win, and an error is better when it is lower."""
    worse = Figures(10, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.05, 0.8, 0.8)
    network = replace(worse, top_1=0.9, top_3=0.9, mean_average_precision=0.9, macro_f1=0.9, calibration_error=0.02)
    result = run_of(sample, tmp_path_factory.mktemp("peers"), LOOKUP).results[0]
    results = [replace(result, figures=replace(worse, **changes))]  # type: ignore[arg-type]
    assert verdict(results, {LOOKUP.name: "look-up"}, network.as_dict()) == said


def test_unknown_names_are_one_clear_error(sample: Sample, tmp_path: Path) -> None:
    """A row of the other split, or a peer that isn't there, is named with what there is."""
    for choice, said in ((Choice(rows=("5-everything",)), "no row"), (Choice(peers=("svm",)), "no peer 'svm'")):
        with pytest.raises(ModelError, match=said):
            compare(sample.tracks, sample.tags, "song", 1, tmp_path / "out", silent, choice=choice)
    assert not (tmp_path / "out").exists()


def test_too_few_tracks_are_one_clear_error(sample: Sample, tmp_path: Path) -> None:
    """Before anything is fitted, the number of tracks is looked at."""
    few = sample.tracks.read_text(encoding="utf-8").splitlines()[:20]
    (tmp_path / "few.csv").write_text("\n".join([*few, ""]), encoding="utf-8")
    with pytest.raises(ModelError, match="are too few"):
        compare(tmp_path / "few.csv", None, "song", 1, tmp_path / "out", silent, everyone=[LOOKUP])


def test_the_command_prints_the_table(sample: Sample, tmp_path: Path) -> None:
    """The command shows the page of what it measured."""
    files = ["--tracks", str(sample.tracks), "--artist-tags", str(sample.tags), "--out", str(tmp_path)]
    chosen = ["--rows", "1-everything", "--peers", "artist-lookup", "--peers", "tag-lookup"]
    done = CliRunner().invoke(app, ["baselines", *files, *chosen], env={"COLUMNS": "160"})
    assert done.exit_code == 0, done.output
    assert "artist look-up" in done.output
    assert "tag look-up" in done.output


def test_a_missing_package_is_one_clear_error(sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, the command says what is missing and how to get it."""
    find: Callable[[str], object] = {"torch": 1, "onnx": 1, "sklearn": 1}.get
    monkeypatch.setattr("cratewise.cli.baselines.find_spec", find)
    done = CliRunner().invoke(app, ["baselines", "--tracks", str(sample.tracks), "--out", str(tmp_path)])
    assert isinstance(done.exception, ModelError)
    assert str(done.exception) == "the comparison needs lightgbm"
