"""`cratewise train`: from the dataset to a report and a model that can be shipped."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from cratewise.dataset.split import By, split
from cratewise.errors import ModelError
from cratewise.genres.lexicon import load_lexicon
from cratewise.model.calibration import calibrate
from cratewise.model.conditions import CALIBRATED, Known
from cratewise.model.corpus import Corpus, Prepared, prepare, tokens_of_pairs, votes
from cratewise.model.export import check_size, export_network, pack, tag_vectors, write_knowledge
from cratewise.model.features import artist_keys
from cratewise.model.judging import judge
from cratewise.model.knowledge import Knowledge
from cratewise.model.manifest import FILES, FORMAT, KNOWLEDGE, Manifest, fingerprint
from cratewise.model.material import Material, read_material
from cratewise.model.neighbourhood import fit_projection
from cratewise.model.network import GenreNetwork, Inputs
from cratewise.model.projection import Projection
from cratewise.model.recipe import Recipe
from cratewise.model.report.sound import SoundProfile, sound_profile
from cratewise.model.report.values import Epoch, Report
from cratewise.model.report.words import TellingWords, telling_words
from cratewise.model.report.writing import write_report
from cratewise.model.sizes import Sizes
from cratewise.model.targets import with_scripts, with_tagged_artists
from cratewise.model.training import Lessons, Targets, fit
from cratewise.progress import Progress

N_WATCHED = 5000
"""Validation tracks, at least so many if there are, that the learning curve is measured on."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A network, packed, with what it remembers."""

    network: GenreNetwork
    prepared: Prepared
    knowledge: Knowledge


def train(
    tracks: Path,
    artist_tags: Path | None,
    by: By,
    seed: int,
    out: Path,
    progress: Progress,
    *,
    recipe: Recipe | None = None,
    all_rows: bool = False,
) -> Report:
    """Splits, fits, calibrates, judges on the test part once, and writes report, predictions and model into `out`.

    Args:
        tracks: The Spotify Tracks Dataset.
        artist_tags: Tags of artists, or `None`: then no genre but the labels is learnt.
        by: No song, or no artist, stands in two parts.
        seed: Decides the split and every chance of the fit.
        out: Folder of the run; made if need be.
        progress: Told about every stage.
        recipe: How to fit, the default recipe if not given.
        all_rows: Fit once more, on all rows, after the report, and export that network.

    Raises:
        DataFileError: A file is not what it should be.
        ModelError: There are too few tracks, the folder cannot be made, or the model came out too large to ship.
    """
    recipe = recipe or Recipe()
    material = read_material(tracks, artist_tags, progress)
    parts = split(material.dataset, by, seed)
    if min(len(parts.train) // recipe.batch_size, len(parts.validation), len(parts.test)) == 0:
        raise ModelError(
            f"{len(material.corpus):,} tracks are too few: {len(parts.train):,} would be learnt from, in batches of "
            f"{recipe.batch_size}, {len(parts.validation):,} chosen on, and {len(parts.test):,} judged",
            hint="Give the whole dataset; `cratewise dataset download` fetches it.",
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(
            f"the folder {out} cannot be made: {error.strerror}", hint="Name another with --out."
        ) from error
    curve: list[Epoch] = []
    fitted = _fit(material, parts.train, recipe, seed, progress, "Training", curve, parts.validation)
    known = _known(fitted, material.corpus)
    progress("Calibrating", 0, None)
    _calibrate(fitted.network, known, material.targets, parts.validation)
    rows, families = judge(fitted.network, known, material, parts, by, out, progress)
    shipped = fitted
    if all_rows:
        everyone = np.arange(len(material.corpus))
        shipped = _fit(material, everyone, recipe, seed, progress, "Training on all rows", [], None)
        shipped.network.confidence.load_state_dict(fitted.network.confidence.state_dict())
        shipped.network.genre_temperature.load_state_dict(fitted.network.genre_temperature.state_dict())
        known = _known(shipped, material.corpus)
    progress("Drawing the map", 0, None)
    drawn = np.arange(len(material.corpus)) if all_rows else parts.train
    projection = _project(shipped, known, material.targets, drawn, recipe, seed)
    progress("Writing the model", 0, None)
    export_network(shipped.network, projection, out)
    write_knowledge(shipped.knowledge, out / KNOWLEDGE)
    n_bytes = check_size(out)
    manifest = Manifest(
        format=FORMAT,
        labels=material.dataset.labels,
        families=tuple(family.slug for family in material.leaves.taxonomy.families),
        styles=tuple(style.slug for style in material.leaves.taxonomy.styles),
        fitted_on="all rows" if all_rows else "training part",
        split=by,
        seed=seed,
        recipe=asdict(recipe),
        data=material.fingerprints,
        figures={row.name: row.figures.as_dict() | row.extra for row in rows},
        files={name: fingerprint(out / name) for name in FILES},
    )
    manifest.write(out)
    sizes = {
        name: len(part)
        for name, part in zip(("train", "validation", "test"), (parts.train, parts.validation, parts.test), strict=True)
    }
    report = Report(
        by,
        seed,
        sizes,
        material.dataset.labels,
        tuple(rows),
        tuple(curve),
        n_bytes,
        *_learnt_from(material, fitted.prepared, parts.train),
        families,
    )
    write_report(report, out)
    return report


def _fit(
    material: Material,
    rows: NDArray[np.int64],
    recipe: Recipe,
    seed: int,
    progress: Progress,
    stage: str,
    curve: list[Epoch],
    validation: NDArray[np.int64] | None,
) -> Fitted:
    """Fits a network to some rows, rounds it to what is shipped, and fills its memory."""
    progress("Looking up artists and albums", 0, None)
    corpus, taxonomy = material.corpus, material.leaves.taxonomy
    lexicon = load_lexicon()
    prepared = prepare(corpus, rows, recipe.widths.d_tag, lexicon.scripts)
    in_dataset = {artist for track in corpus.tracks for artist in artist_keys(track)}
    strangers = {artist: shares for artist, shares in material.by_artist.items() if artist not in in_dataset}
    lessons = Lessons(prepared.inputs, prepared.sources, material.targets)
    lessons = with_tagged_artists(lessons, prepared, corpus, strangers)
    lessons = with_scripts(lessons, prepared, lexicon, material.leaves)
    torch.manual_seed(seed)
    n_genres = (len(taxonomy.families), len(taxonomy.styles))
    sizes = Sizes(corpus.labels.shape[1], *n_genres, prepared.names.n_rows, prepared.tags.n_rows)
    network = GenreNetwork(sizes, recipe.widths)

    @torch.no_grad()
    def after_epoch(epoch: int, loss: float, averaged: GenreNetwork) -> None:
        if validation is not None:
            watched = validation[:: max(1, len(validation) // N_WATCHED)]
            inputs = prepared.inputs.rows(torch.from_numpy(watched))
            labels = averaged.body_labels(inputs, averaged.evidence(inputs, *averaged.tokens(inputs)))
            curve.append(Epoch(epoch + 1, loss, float(corpus.labels[watched, labels.argmax(dim=1).numpy()].mean())))

    others = np.arange(len(corpus), len(lessons.sources))
    fit(network, lessons, rows, others, recipe, seed, after_epoch, lambda n, m: progress(stage, n, m))
    pack(network)
    artists = np.array(sorted(corpus.tags), dtype=np.uint64)
    tokens, bits = tokens_of_pairs([corpus.tags[int(artist)] for artist in artists])
    of_artists = (torch.from_numpy(prepared.tags.rows(tokens)), torch.from_numpy(votes(bits)))
    vectors = tag_vectors(network, artists, *of_artists)
    knowledge = Knowledge(prepared.names, prepared.tags, prepared.artists, prepared.albums, vectors)
    return Fitted(network, prepared, knowledge)


def _known(fitted: Fitted, corpus: Corpus) -> Known:
    recollection = fitted.knowledge.recall(corpus.tracks)
    return Known(
        fitted.prepared.inputs,
        fitted.prepared.sources,
        torch.from_numpy(recollection.tag_vector),
        torch.from_numpy(recollection.has_tag_vector),
    )


def _calibrate(network: GenreNetwork, known: Known, targets: Targets, validation: NDArray[np.int64]) -> None:
    """Fits the confidences under every pattern of inputs that is reported."""
    part = known.rows(torch.from_numpy(validation))
    chosen = [torch.from_numpy(row.judged(part, np.arange(len(validation)))) for row in CALIBRATED]
    patterns = [row.inputs(part.rows(index)) for row, index in zip(CALIBRATED, chosen, strict=True)]
    rows = torch.from_numpy(validation)[torch.cat(chosen)]
    calibrate(
        network,
        Inputs(*(torch.cat(arrays) for arrays in zip(*patterns, strict=True))),
        Targets(targets.labels[rows], targets.leaves[rows], targets.leaf_families),
    )


def _project(
    fitted: Fitted, known: Known, targets: Targets, drawn: NDArray[np.int64], recipe: Recipe, seed: int
) -> Projection:
    """The projection of a network, fitted on some rows and rounded to what is shipped."""
    rows = torch.from_numpy(drawn)
    artists = [fitted.prepared.artist_keys[row][:1] for row in drawn]
    _, owners = np.unique(np.array([keys[0] if keys else 0 for keys in artists], dtype=np.uint64), return_inverse=True)
    part = Targets(targets.labels[rows], targets.leaves[rows], targets.leaf_families)
    projection = fit_projection(fitted.network, known.rows(rows), part, owners.astype(np.int64), recipe, seed)
    pack(projection)
    return projection


def _learnt_from(
    material: Material, prepared: Prepared, rows: NDArray[np.int64]
) -> tuple[SoundProfile, tuple[TellingWords, ...]]:
    """How statistics, tags and words go with the families in the rows that are learnt from."""
    shares = material.of_families(material.targets.leaves.numpy()[rows])
    tracks = [material.corpus.tracks[row] for row in rows]
    artists = np.array([next(iter(prepared.artist_keys[row]), 0) for row in rows], dtype=np.uint64)
    numbers = prepared.inputs.numbers.numpy()[rows]
    sound = sound_profile(numbers, shares, material.corpus.songs[rows], artists, material.families)
    return sound, telling_words(tracks, artists, shares, material.corpus.tags, material.families)
