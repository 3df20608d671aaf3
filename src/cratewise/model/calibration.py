"""Fits the confidence of a network on the validation part, so that a probability means what it says."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from cratewise.model.network import GenreNetwork, Inputs, Outputs
from cratewise.model.training import Targets

BATCH = 2048
SHRINKAGE = 1e-4
"""Weight of the squares of the parameters, so that few tracks cannot bend it far."""


@torch.no_grad()
def answer(network: GenreNetwork, inputs: Inputs) -> Outputs:
    """The network's answers for any number of tracks, in batches."""
    rows = torch.arange(len(inputs.numbers)).split(BATCH)
    answers = [network(inputs.rows(batch)) for batch in rows]
    return Outputs(*(torch.cat(parts) for parts in zip(*answers, strict=True)))


def calibrate(network: GenreNetwork, inputs: Inputs, targets: Targets) -> None:
    """Fits the confidence of the labels and the temperature of the genres, the network itself left as it is.

    The confidence in the most probable label becomes the chance that it is one of the track's own; the genres'
    temperature makes the targets as likely as can be.

    Args:
        network: Fitted; what is set in place changes nothing before.
        inputs: Validation tracks, in every pattern of absent inputs that should be calibrated.
        targets: Their targets.
    """
    answers = answer(network, inputs)
    flags = network.presence(inputs)
    known = torch.cat([flags, network.amounts(inputs)], dim=1)
    best = answers.labels.argmax(dim=1, keepdim=True)
    hits = (targets.labels.gather(1, best) > 0).float()
    wanted = torch.zeros_like(answers.families).index_add_(1, targets.leaf_families, targets.leaves)

    odds, evidence = network.confidence.read(answers.labels, known)

    def label_loss() -> Tensor:
        chance = network.confidence.logit(odds, evidence)
        return nn.functional.binary_cross_entropy_with_logits(chance, hits)

    def genre_loss() -> Tensor:
        families = answers.families / network.genre_temperature(flags)
        return -(wanted * torch.log_softmax(families, dim=1)).sum(dim=1).mean()

    _minimise(network.confidence, label_loss)
    _minimise(network.genre_temperature, genre_loss)


def _minimise(part: nn.Module, loss_of: Callable[[], Tensor]) -> None:
    parameters = tuple(part.requires_grad_(True).parameters())
    optimizer = torch.optim.LBFGS(parameters, max_iter=60, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = loss_of() + SHRINKAGE * sum(p.square().sum() for p in parameters)
        loss.backward()
        return loss

    optimizer.step(closure)
    part.requires_grad_(False)
