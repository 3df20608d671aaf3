"""The layers: what each does to an absent value, and what chance it takes."""

import pytest
import torch

from cratewise.model.confidence import N_AMOUNTS, N_FLAGS, Confidence
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
    """Chances are the softmax; once the first is sure, the others rise with it, and none above it."""
    torch.manual_seed(0)
    confidence, logits, known = Confidence(4), torch.randn(32, 9), torch.zeros(32, N_FLAGS + N_AMOUNTS)
    softmax = torch.softmax(logits, dim=1)
    assert torch.allclose(confidence(logits, known).exp(), softmax, atol=1e-5)
    torch.nn.init.constant_(confidence.layers[-1].bias, 9.0)
    p = confidence(logits, known).exp()
    assert (p.amax(dim=1) > 0.99).all()
    assert (p <= 1).all()
    assert torch.allclose(p / p.sum(dim=1, keepdim=True), softmax, atol=1e-5)
