"""Fits the temperatures of a network on the validation part, so that a probability means what it says."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from cratewise.model.network import GenreNetwork, Inputs, Outputs, standing
from cratewise.model.training import Targets, genre_log_probabilities

BATCH = 2048
SHRINKAGE = 1e-4
"""Weight of the squares of a temperature's parameters, so that few tracks cannot bend it far."""


@torch.no_grad()
def answer(network: GenreNetwork, inputs: Inputs) -> Outputs:
    """The network's answers for any number of tracks, in batches."""
    rows = torch.arange(len(inputs.numbers)).split(BATCH)
    answers = [network(inputs.rows(batch)) for batch in rows]
    return Outputs(*(torch.cat(parts) for parts in zip(*answers, strict=True)))


def calibrate(network: GenreNetwork, inputs: Inputs, targets: Targets) -> None:
    """Fits both temperatures, the network itself left as it is.

    That of the labels makes the confidence in the most probable label the chance that it is one of the track's own;
    that of the genres makes the targets as likely as can be.

    Args:
        network: Fitted; its temperatures, still 1, are set in place.
        inputs: Validation tracks, in every pattern of absent inputs that should be calibrated.
        targets: Their targets.
    """
    answers = answer(network, inputs)
    flags = network.presence(inputs)
    known = torch.cat([flags, standing(answers.labels)], dim=1)
    best = answers.labels.argmax(dim=1, keepdim=True)
    hits = (targets.labels.gather(1, best)[:, 0] > 0).float()

    def label_loss(heat: Tensor) -> Tensor:
        confidence = torch.softmax(answers.labels / heat, dim=1).amax(dim=1).clamp(1e-6, 1 - 1e-6)
        return nn.functional.binary_cross_entropy(confidence, hits)

    def genre_loss(heat: Tensor) -> Tensor:
        scaled = answers._replace(families=answers.families / heat, styles=answers.styles / heat)
        families, _ = genre_log_probabilities(scaled, targets.leaf_families)
        wanted = torch.zeros_like(families).index_add_(1, targets.leaf_families, targets.leaves)
        return -(wanted * families).sum(dim=1).mean()

    _minimise(network.label_temperature, known, label_loss)
    _minimise(network.genre_temperature, flags, genre_loss)


def _minimise(temperature: nn.Module, known: Tensor, loss_of: Callable[[Tensor], Tensor]) -> None:
    temperature.requires_grad_(True)
    optimizer = torch.optim.LBFGS(temperature.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = loss_of(temperature(known)) + SHRINKAGE * sum(p.square().sum() for p in temperature.parameters())
        loss.backward()
        return loss

    optimizer.step(closure)
    temperature.requires_grad_(False)
