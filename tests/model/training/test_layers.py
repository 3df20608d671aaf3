"""The layers: what each does to an absent value, and what chance it takes."""

import math

import pytest
import torch

from cratewise.model.confidence import N_AMOUNTS, N_FLAGS, N_WITNESSES, Confidence, read
from cratewise.model.layers import Bag, Bins, Dropout, Ensemble


def test_dropout_takes_its_share_and_keeps_the_mean() -> None:
    """Of many numbers the given share becomes zero, and what is left makes up for it; the seed decides which."""
    torch.manual_seed(0)
    layer, ones = Dropout(0.25), torch.ones(1001, 333)
    dropped = layer(ones)
    assert float((dropped == 0).float().mean()) == pytest.approx(0.25, abs=0.005)
    assert float(dropped.mean()) == pytest.approx(1, abs=0.01)
    torch.manual_seed(0)
    assert torch.equal(layer(ones), dropped)
    assert torch.equal(layer.eval()(ones), ones)


def test_many_tokens_weigh_about_as_much_as_one() -> None:
    """A bag's length does not fade with the number of its tokens; nothing comes of an empty one."""
    torch.manual_seed(0)
    bag = Bag(1000, 64).eval()
    tokens = torch.zeros(3, 50, dtype=torch.int64)
    tokens[0, 0], tokens[1] = 7, torch.arange(1, 51)
    one, many, none = bag(tokens, torch.ones(3, 50)).detach().norm(dim=1)
    assert float(many / one) == pytest.approx(1, abs=0.35)
    assert none == 0


def test_training_and_serving_read_a_bag_alike() -> None:
    """The sparse sum of training is the plain sum of serving."""
    torch.manual_seed(0)
    bag = Bag(20, 4)
    tokens, weights = torch.tensor([[3, 5, 0], [0, 0, 0]]), torch.tensor([[2.0, 1.0, 9.0], [1.0, 1.0, 1.0]])
    assert torch.allclose(bag.train()(tokens, weights), bag.eval()(tokens, weights), atol=1e-6)


def test_bins_say_how_far_a_number_reaches() -> None:
    """Bins below a number are full, its own is filled in part, those above are empty; an absent number fills none."""
    bins = Bins(1, 4)
    bins.set_edges(torch.arange(0.0, 101.0).unsqueeze(1))
    encoded = bins(torch.tensor([[60.0], [torch.nan], [-5.0], [1e9]]))
    assert encoded[0].tolist() == pytest.approx([1, 1, 0.4, 0])
    assert encoded[1:].tolist() == [[0] * 4, [0] * 4, [1] * 4]


def test_members_of_an_ensemble_differ() -> None:
    """They share most weights, and say different things of the same track from the start."""
    torch.manual_seed(0)
    said = Ensemble(3, 8, 16, 5, dropout=0.0).eval()(torch.randn(6, 8))
    assert said.shape == (3, 6, 5)
    assert not torch.allclose(said[0], said[1], atol=1e-3)


def test_confidence_changes_nothing_until_it_is_fitted() -> None:
    """Chances are the softmax; once confidence is raised all of them rise, none above 1, in the same order."""
    torch.manual_seed(0)
    confidence, logits = Confidence(4), torch.randn(32, 9)
    reading = read(logits, torch.zeros(32, N_FLAGS + N_AMOUNTS), torch.zeros(32, 9, N_WITNESSES))
    softmax = torch.softmax(logits, dim=1)
    assert torch.allclose(torch.sigmoid(confidence(reading)), softmax, atol=1e-5)
    torch.nn.init.constant_(confidence.last.bias, 3.0)
    p = torch.sigmoid(confidence(reading))
    assert (p > softmax).all()
    assert (p <= 1).all()
    assert torch.equal(p.argsort(dim=1), softmax.argsort(dim=1))


def test_a_witness_can_bring_a_label_to_the_front() -> None:
    """A label that is spoken for rises above one that was likelier; the rest keep their order."""
    torch.manual_seed(0)
    confidence, witnesses = Confidence(1), torch.zeros(1, 4, N_WITNESSES)
    witnesses[0, 1, 0] = 1.0
    torch.nn.init.zeros_(confidence.of_track.weight)
    torch.nn.init.zeros_(confidence.of_track.bias)
    torch.nn.init.zeros_(confidence.of_label.weight)
    torch.nn.init.constant_(confidence.of_label.weight[0, 1], 5.0)
    torch.nn.init.constant_(confidence.last.weight, 1.0)
    reading = read(torch.tensor([[3.0, 2.5, 2.9, 0.0]]), torch.zeros(1, N_FLAGS + N_AMOUNTS), witnesses)
    assert confidence(reading).argsort(dim=1, descending=True).tolist() == [[1, 0, 2, 3]]
    assert reading.of(torch.tensor([[1, 2]])).odds.tolist() == [[float(reading.odds[0, 1]), float(reading.odds[0, 2])]]


def test_odds_keep_their_digits_when_a_label_is_sure() -> None:
    """The odds of a sure label are those of the others together, down to one in a million."""
    logits = torch.tensor([[11.0, 0.0, 0.0, 0.0], [40.0, 0.0, 0.0, 0.0]])
    reading = read(logits, torch.zeros(2, N_FLAGS + N_AMOUNTS), torch.zeros(2, 4, N_WITNESSES))
    assert reading.odds[0, 0] == pytest.approx(11 - math.log(3), abs=1e-4)
    assert reading.odds[1, 0] == pytest.approx(math.log(1e6), abs=1e-3)
    assert torch.isfinite(reading.odds).all()
