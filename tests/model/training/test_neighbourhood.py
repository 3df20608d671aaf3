"""The projection: songs that share genres get near each other, on the plane too."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cratewise.model.conditions import Known
from cratewise.model.features import NUMBERS
from cratewise.model.masking import HidingRates
from cratewise.model.neighbourhood import fit_projection, nearest
from cratewise.model.network import GenreNetwork, Outputs
from cratewise.model.projection import SOUND, Located, Projection
from cratewise.model.recipe import Recipe
from cratewise.model.sizes import Sizes
from cratewise.model.training import Targets

N_LABELS, N_FAMILIES, N_STYLES, N_TRACKS = 5, 3, 4, 240
LEAF_FAMILIES = torch.tensor([0, 0, 1, 2, 0, 1, 2])
HIDDEN = HidingRates(*[0.0] * len(HidingRates.__slots__))
RECIPE = Recipe(n_style_steps=60, n_plane_steps=200, hiding=HIDDEN)
FAMILY_OF_TRACK = torch.arange(N_TRACKS) % N_FAMILIES


@pytest.fixture(scope="module")
def network() -> GenreNetwork:
    """A network whose tag expert says the family of a tag vector."""
    torch.manual_seed(0)
    network = GenreNetwork(Sizes(N_LABELS, N_FAMILIES, N_STYLES, 50, 50)).eval()
    with torch.no_grad():
        for parameter in network.experts[0][-1].parameters():
            parameter.mul_(8)
    return network


def known(network: GenreNetwork) -> Known:
    """Tracks of three kinds, each with the tag vector of its kind and a little noise."""
    generator = torch.Generator().manual_seed(1)
    inputs = network.blank(N_TRACKS)
    kinds = 3 * torch.randn(N_FAMILIES, network.d_tag, generator=generator)
    vectors = kinds[FAMILY_OF_TRACK] + 0.3 * torch.randn(N_TRACKS, network.d_tag, generator=generator)
    numbers = torch.rand(N_TRACKS, len(NUMBERS), generator=generator)
    sources = torch.zeros(inputs.tags.shape, dtype=torch.uint8)
    return Known(inputs._replace(numbers=numbers), sources, vectors, torch.ones(N_TRACKS, 1))


def targets() -> Targets:
    """Each kind is a family and a label."""
    kinds = torch.nn.functional.one_hot(FAMILY_OF_TRACK, N_FAMILIES).float()
    labels = torch.nn.functional.one_hot(FAMILY_OF_TRACK, N_LABELS).float()
    return Targets(labels, torch.cat([torch.zeros(N_TRACKS, N_STYLES), kinds], dim=1), LEAF_FAMILIES)


def fitted(network: GenreNetwork, seed: int = 0) -> Projection:
    """A projection after a few steps; every fifth track is by the same artist."""
    return fit_projection(network, known(network), targets(), np.arange(N_TRACKS) // 5, RECIPE, seed)


def located(projection: Projection, network: GenreNetwork) -> Located:
    """Where the tracks stand."""
    tracks = known(network)
    inputs = tracks.inputs._replace(tag_vector=tracks.tag_vector, has_tag_vector=tracks.has_tag_vector)
    with torch.no_grad():
        return Located(*projection(network(inputs), inputs.numbers))


def test_neighbours_are_of_the_same_kind(network: GenreNetwork) -> None:
    """Nearly all of the five nearest share the family, by embedding and on the plane."""
    found = located(fitted(network), network)
    for points in found:
        distances = torch.cdist(points, points).fill_diagonal_(torch.inf)
        near = FAMILY_OF_TRACK[distances.topk(5, largest=False).indices]
        assert (near == FAMILY_OF_TRACK.unsqueeze(1)).float().mean() > 0.9


def test_the_same_seed_gives_the_same_bits(network: GenreNetwork) -> None:
    """Fitting twice gives the same weights; another seed gives others."""
    first, second, other = (fitted(network, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_lengths_are_one_and_places_are_within_bounds(network: GenreNetwork) -> None:
    """Tracks as they are, with absurd numbers and logits, and with nothing known."""
    projection = fitted(network)
    generator = torch.Generator().manual_seed(2)
    numbers = torch.randn(64, len(NUMBERS), generator=generator) * 1e30
    numbers[:20] = torch.nan
    answers = network(network.blank(64))
    wild = [torch.randn(array.shape, generator=generator) * 1e4 for array in answers]
    for outputs in (answers, Outputs(*wild)):
        embedding, place = projection(outputs, numbers)
        assert torch.allclose(embedding.norm(dim=1), torch.ones(64), atol=1e-5)
        assert torch.isfinite(place).all()
        assert place.abs().max() <= 1
    assert located(projection, network).place.abs().max() > 0.5


def test_a_track_of_which_nothing_is_known_stands_in_the_middle(network: GenreNetwork) -> None:
    """Its place is (0, 0); the families of the others are known, and they stand elsewhere."""
    projection = fitted(network)
    blank = network.blank(1)
    assert projection(network(blank), blank.numbers).place.abs().max() < 1e-6
    assert located(projection, network).place.norm(dim=1).median() > 0.05


def test_unknown_sound_is_what_is_usual_in_the_style(network: GenreNetwork) -> None:
    """Without statistics the style speaks for the sound; statistics that are just average speak for themselves."""
    projection = fitted(network)
    tracks = known(network)
    inputs = network.blank(N_TRACKS)._replace(tag_vector=tracks.tag_vector, has_tag_vector=tracks.has_tag_vector)
    genres = projection.genres(network(inputs))
    usual = projection.embed(genres, inputs.numbers)[:, -len(SOUND) :]
    assert usual.abs().sum() > 0
    average = projection.embed(genres, network.numbers.mean.expand(N_TRACKS, -1))[:, -len(SOUND) :]
    assert average.abs().max() < 1e-6


def test_nearest_leaves_the_same_artist_out() -> None:
    """Of five on a line, the two by one artist are not each other's neighbours; the nearest weighs most."""
    angles = torch.tensor([0.0, 0.1, 0.3, 0.6, 1.0])
    embedding = torch.stack([angles.cos(), angles.sin()], dim=1)
    found, weights = nearest(embedding, torch.tensor([0, 0, 1, 2, 3]), 2)
    assert found[0].tolist() == [2, 3]
    assert found[1].tolist() == [2, 3]
    assert found[4].tolist() == [3, 2]
    assert torch.allclose(weights[:, 0], torch.ones(5))
    assert (weights[:, 1] < 1).all()


def test_hidden_inputs_are_what_it_is_fitted_to(network: GenreNetwork) -> None:
    """The recipe's hiding decides what the fit sees: without statistics no usual sound is learnt."""
    recipe = replace(RECIPE, hiding=replace(HIDDEN, sound=1.0))
    deaf = fit_projection(network, known(network), targets(), np.arange(N_TRACKS) // 5, recipe, 0)
    assert not deaf.usual_sound.weight.any()
