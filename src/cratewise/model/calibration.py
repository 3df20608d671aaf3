"""Fits the confidence of a network on the validation part, so that a probability means what it says."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from cratewise.model.confidence import Reading
from cratewise.model.network import GenreNetwork, Inputs, Outputs
from cratewise.model.training import Targets

BATCH = 2048
N_LIKELIEST = 4
"""Labels of each track that confidence is fitted on, from the likeliest down."""
N_DRAWN = 2
"""Labels drawn from the others, again and again the same."""
FIRST_WEIGHT = 4.0
"""How much more the likeliest label counts than the next ones, as it is what a track is sorted by."""
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

    The confidence in a label becomes the chance that it is one of the track's own, by the labels that are likeliest by
    the softmax and a draw of the others that stands for all of them; the genres' temperature makes the targets as
    likely as can be.

    Args:
        network: Fitted; what is set in place changes nothing before.
        inputs: Validation tracks, in every pattern of absent inputs that should be calibrated.
        targets: Their targets.
    """
    generator = torch.Generator().manual_seed(0)
    readings, truths, genres = [], [], []
    with torch.no_grad():
        for batch in torch.arange(len(inputs.numbers)).split(BATCH):
            seen = inputs.rows(batch)
            evidence = network.evidence(seen, *network.tokens(seen))
            reading = network.reading(seen, evidence)
            order = reading.odds.argsort(dim=1, descending=True)
            drawn = torch.randint(N_LIKELIEST, order.shape[1], (len(order), N_DRAWN), generator=generator)
            asked = torch.cat([order[:, :N_LIKELIEST], order.gather(1, drawn)], dim=1)
            readings.append(reading.of(asked))
            truths.append((targets.labels[batch].gather(1, asked) > 0).float())
            genres.append((network.genres(seen, evidence)[0], evidence.flags))
    reading = Reading(*map(torch.cat, zip(*readings, strict=True)))
    truth = torch.cat(truths)
    families, flags = map(torch.cat, zip(*genres, strict=True))
    others = (targets.labels.shape[1] - N_LIKELIEST) / N_DRAWN
    weights = torch.tensor([FIRST_WEIGHT, *[1.0] * (N_LIKELIEST - 1), *[others] * N_DRAWN])
    wanted = torch.zeros_like(families).index_add_(1, targets.leaf_families, targets.leaves)

    def label_loss() -> Tensor:
        chances = network.confidence(reading)
        losses = nn.functional.binary_cross_entropy_with_logits(chances, truth, weights, reduction="none")
        return losses.sum(dim=1).mean()

    def genre_loss() -> Tensor:
        tempered = families / network.genre_temperature(flags)
        return -(wanted * torch.log_softmax(tempered, dim=1)).sum(dim=1).mean()

    _minimise(network.confidence, label_loss)
    _minimise(network.genre_temperature, genre_loss)


def _minimise(part: nn.Module, loss_of: Callable[[], Tensor]) -> None:
    parameters = tuple(part.requires_grad_(True).parameters())
    optimizer = torch.optim.LBFGS(parameters, max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = loss_of() + SHRINKAGE * sum(p.square().sum() for p in parameters)
        loss.backward()
        return loss

    optimizer.step(closure)
    part.requires_grad_(False)
