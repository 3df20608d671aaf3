"""`cratewise baselines`: other methods on the network's split and inputs, quality and wall time side by side."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import softmax

from cratewise.dataset.split import By, split
from cratewise.errors import ModelError
from cratewise.genres.lexicon import load_lexicon
from cratewise.model.conditions import CONDITIONS, Condition
from cratewise.model.corpus import prepare
from cratewise.model.evaluation import best_thresholds, figures
from cratewise.model.features import FloatArray
from cratewise.model.manifest import read_manifest
from cratewise.model.material import read_material
from cratewise.model.peers.encoding import Encoder, Tracks, lay_out
from cratewise.model.peers.ledger import Ledger, Result, Terms, check_terms
from cratewise.model.peers.lookups import ArtistLookup, TagLookup
from cratewise.model.peers.networks import Perceptron, TabM
from cratewise.model.peers.page import write_page
from cratewise.model.peers.part import Part, Peer
from cratewise.model.peers.trees import CatBoost, LightGBM, RandomForest
from cratewise.progress import Progress

PEERS: tuple[Peer, ...] = (
    ArtistLookup(),
    TagLookup(),
    RandomForest(),
    LightGBM(),
    CatBoost(),
    Perceptron(),
    TabM(),
)
"""All peers in the order of the report."""
FEWEST_TRACKS = 200
"""With fewer to learn from, nothing could be said of 114 labels."""
LEAST_PROBABILITY = 1e-9


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows of the table, and which peers; all of them where nothing is named.

    Attributes:
        rows: Names of rows, such as "1-everything".
        peers: Names of peers, such as "lightgbm".
    """

    rows: Sequence[str] = ()
    peers: Sequence[str] = ()

    def conditions(self, by: By) -> tuple[Condition, ...]:
        """The rows' conditions.

        Raises:
            ModelError: The split has no such row.
        """
        of_split = {condition.row: condition for condition in CONDITIONS[by]}
        _check_names(self.rows, of_split, f"row of the split by {by}")
        return tuple(condition for row, condition in of_split.items() if not self.rows or row in self.rows)

    def of(self, everyone: Sequence[Peer]) -> tuple[Peer, ...]:
        """The peers.

        Raises:
            ModelError: There is no such peer.
        """
        by_name = {peer.name: peer for peer in everyone}
        _check_names(self.peers, by_name, "peer")
        return tuple(peer for name, peer in by_name.items() if not self.peers or name in self.peers)


def compare(
    tracks: Path,
    artist_tags: Path | None,
    by: By,
    seed: int,
    out: Path,
    progress: Progress,
    *,
    choice: Choice | None = None,
    run: Path | None = None,
    everyone: Sequence[Peer] = PEERS,
) -> Ledger:
    """Fits each peer for each row, judges it on the test part once, and writes `baselines.json` and `baselines.md`.

    What `out` holds already is kept and not measured again.

    Args:
        tracks: The Spotify Tracks Dataset.
        artist_tags: Tags of artists, or `None`.
        by: No song, or no artist, stands in two parts.
        seed: Decides the split and every chance of the fits.
        out: Folder of the comparison; made if need be.
        progress: Told about every stage.
        choice: Which rows and peers, all of them if not given.
        run: Folder of a `cratewise train` run of the same split, seed and data, to stand in the same table.
        everyone: The peers there are.

    Raises:
        DataFileError: A file is not what it should be.
        ModelError: A row or a peer isn't known, there are too few tracks, or `out` or `run` is of something else.
    """
    choice = choice or Choice()
    conditions, peers = choice.conditions(by), choice.of(everyone)
    material = read_material(tracks, artist_tags, progress)
    terms = Terms(by, seed, material.fingerprints)
    network = _network_figures(run, terms) if run else None
    ledger = Ledger.opened(out, terms)
    pending = [(c, p) for c in conditions for p in peers if ledger.find(c.row, p.name, _settings(p)) is None]
    if pending:
        parts = split(material.dataset, by, seed)
        if len(parts.train) < FEWEST_TRACKS or not len(parts.validation) or not len(parts.test):
            raise ModelError(
                f"{len(material.corpus):,} tracks are too few: {len(parts.train):,} would be learnt from",
                hint="Give the whole dataset; `cratewise dataset download` fetches it.",
            )
        progress("Looking up artists and albums", 0, None)
        prepared = prepare(material.corpus, parts.train, 1, load_lexicon().scripts)
        laid_out = lay_out(material.corpus, prepared, parts.train, strangers=by == "artist")
        for condition in conditions:
            waiting = [peer for c, peer in pending if c is condition]
            if not waiting:
                continue
            progress(f"{condition.row}: encoding", 0, None)
            known = _encoded(laid_out, condition, (parts.train, parts.validation, parts.test), seed)
            for peer in waiting:
                ledger.add(_judge(known, condition, peer, seed, progress))
                write_page(ledger, conditions, peers, network)
    for result in ledger.results:
        own = (network or {}).get(result.row)
        if own and own["n_tracks"] != result.figures.n_tracks:
            raise ModelError(
                f"{run} judged row {result.row} on {own['n_tracks']:,} tracks, the peers on "
                f"{result.figures.n_tracks:,}",
                hint="Train again with this version of cratewise.",
            )
    write_page(ledger, conditions, peers, network)
    return ledger


@dataclass(frozen=True, slots=True)
class _Encoded:
    """The three parts under one condition, and how long it took to encode them in seconds."""

    train: Part
    validation: Part
    test: Part
    encode_s: float


def _encoded(
    tracks: Tracks,
    condition: Condition,
    parts: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    seed: int,
) -> _Encoded:
    train, validation, test = parts
    start = time.perf_counter()
    encoder = Encoder.fitted(tracks, condition, train, seed)
    seen, unseen = (encoder.encode(condition.judged(tracks.known, rows)) for rows in (validation, test))
    if not len(seen.labels) or not len(unseen.labels):
        raise ModelError(
            f"no track of the validation or the test part can be judged in row {condition.row}",
            hint="Give the whole dataset and its tags, or name other rows with --rows.",
        )
    return _Encoded(encoder.train, seen, unseen, time.perf_counter() - start)


def _judge(known: _Encoded, condition: Condition, peer: Peer, seed: int, progress: Progress) -> Result:
    """Fits, calibrates on the validation part, and looks at the test part once."""
    stage = f"{condition.row}: {peer.title}"
    progress(stage, 0, None)
    start = time.perf_counter()
    predictor = peer.fit(known.train, known.validation, seed, lambda done, total: progress(stage, done, total))
    fitted = time.perf_counter()
    p = predictor(known.test)
    predicted = time.perf_counter()
    seen, y = predictor(known.validation), known.validation.labels
    temperature = best_temperature(seen, y)
    thresholds = best_thresholds(heated(seen, temperature), y)
    return Result(
        row=condition.row,
        peer=peer.name,
        settings=_settings(peer),
        figures=figures(heated(p, temperature), known.test.labels, thresholds),
        temperature=temperature,
        fit_s=round(fitted - start, 3),
        predict_s=round(predicted - fitted, 4),
        encode_s=round(known.encode_s, 3),
        n_threads=torch.get_num_threads(),
    )


def heated(p: FloatArray, temperature: float) -> FloatArray:
    """Probabilities whose logits were divided by a temperature: float32 (n, l), rows sum to 1."""
    logits = np.log(np.maximum(p, LEAST_PROBABILITY)).astype(np.float64) / temperature
    return np.asarray(softmax(logits, axis=1), dtype=np.float32)


def best_temperature(p: FloatArray, y: NDArray[np.bool_]) -> float:
    """The temperature that makes the confidence in the first label the chance that it is one of the track's own.

    The network's temperatures are fitted to the same loss (`calibration.calibrate`).
    """
    hits = y[np.arange(len(y)), p.argmax(axis=1)]

    def loss(heat: float) -> float:
        confidence = heated(p, float(np.exp(heat))).max(axis=1).clip(1e-6, 1 - 1e-6)
        return float(-np.where(hits, np.log(confidence), np.log1p(-confidence)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded").x))


def _network_figures(run: Path, terms: Terms) -> Mapping[str, Mapping[str, float]]:
    """The figures of a run by row, as its manifest keeps them."""
    manifest = read_manifest(run)
    found = Terms(manifest.split, manifest.seed, manifest.data)
    check_terms(terms, found, str(run), "Train with the same --split, --seed and files, and name that run.")
    return manifest.figures


def _settings(peer: Peer) -> dict[str, Any]:
    return asdict(peer)  # type: ignore[call-overload] # every peer is a dataclass


def _check_names(wanted: Sequence[str], known: Mapping[str, object], what: str) -> None:
    for name in wanted:
        if name not in known:
            raise ModelError(f"there is no {what} {name!r}", hint=f"There are {', '.join(known)}.")
