"""A small piece of the real dataset, and peers so small that they are fitted at once."""

import csv
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cratewise.dataset.split import Split
    from cratewise.model.corpus import Corpus
    from cratewise.model.peers.encoding import Tracks
    from cratewise.model.peers.part import Peer

HAS_EXTRA = all(find_spec(package) for package in ("torch", "lightgbm", "catboost", "pytabkit"))
LABELS = ("black-metal", "forro", "hip-hop", "k-pop", "opera", "sleep")
ROWS_OF_A_LABEL = 80


def pytest_ignore_collect() -> bool | None:
    """Leaves these files alone where the extra is absent; `test_environment.py` says so."""
    return None if HAS_EXTRA else True


@dataclass(frozen=True, slots=True)
class Sample:
    """Files of the sample, and what is read from them."""

    tracks: Path
    tags: Path
    corpus: "Corpus"
    parts: "dict[str, Split]"

    def laid_out(self, by: str, corpus: "Corpus | None" = None) -> "Tracks":
        """The tracks as peers are given them, with the training part counted."""
        from cratewise.model.corpus import prepare
        from cratewise.model.peers.encoding import lay_out

        corpus, rows = corpus or self.corpus, self.parts[by].train
        return lay_out(corpus, prepare(corpus, rows, 1), rows, strangers=by == "artist")


@pytest.fixture(scope="session")
def sample(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The first rows of six labels, and the tags of their artists."""
    from cratewise.dataset.split import split
    from cratewise.model.material import read_material
    from cratewise.progress import silent

    folder = tmp_path_factory.mktemp("sample")
    header, *lines = (shared / "data" / "spotify_tracks.csv").read_text(encoding="utf-8").splitlines()
    kept = [
        line for label in LABELS for line in [line for line in lines if line.endswith("," + label)][:ROWS_OF_A_LABEL]
    ]
    (folder / "tracks.csv").write_text("\n".join([header, *kept, ""]), encoding="utf-8")
    names = {name for row in csv.reader(kept) for name in row[2].split(";")}
    first, *tags = (shared / "data" / "artist_tags.tsv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in tags if line.split("\t")[0] in names]
    (folder / "tags.tsv").write_text("\n".join([first, *kept, ""]), encoding="utf-8")
    material = read_material(folder / "tracks.csv", folder / "tags.tsv", silent)
    parts = {by: split(material.dataset, by, 1) for by in ("song", "artist")}  # type: ignore[arg-type]
    return Sample(folder / "tracks.csv", folder / "tags.tsv", material.corpus, parts)


@pytest.fixture(scope="session")
def small_peers() -> "tuple[Peer, ...]":
    """Every peer, so small that it learns next to nothing."""
    from cratewise.model.peers.lookups import ArtistLookup, TagLookup
    from cratewise.model.peers.networks import Perceptron, TabM
    from cratewise.model.peers.trees import CatBoost, LightGBM, RandomForest

    return (
        ArtistLookup(),
        TagLookup(),
        RandomForest(n_trees=20),
        LightGBM(n_rounds=3, n_leaves=4),
        CatBoost(n_rounds=3, depth=2),
        Perceptron(n_epochs=2, width=16),
        TabM(n_epochs=1, n_members=2, width=8),
    )
