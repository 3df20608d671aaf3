"""What makes a probability mean what it says; fitted on the validation part, after the network (see `calibration`)."""

import math

import torch
from torch import Tensor, nn

TINY = 1e-9
"""Least chance of a label, as a share of the likeliest's."""
DOUBT = 1e-6
"""Least chance, by the softmax, that the likeliest label is wrong."""
N_FLAGS = 8
"""Flags of what a track has: `GenreNetwork.presence`."""
N_AMOUNTS = 4
"""How much it has: `GenreNetwork.amounts`."""
N_STANDING = 4
"""Width of `standing`."""


class Temperature(nn.Module):
    """Temperature scaling (Guo et al. 2017) by which inputs a track has: flags `(n, N_FLAGS)` to `(n, 1)`.

    It is 1 until it is fitted on the validation part, after the network.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(N_FLAGS, 1)
        nn.init.zeros_(self.layer.weight)
        nn.init.zeros_(self.layer.bias)
        self.requires_grad_(False)

    def forward(self, flags: Tensor) -> Tensor:
        return torch.exp(self.layer(flags).clamp(-3, 3))


class Confidence(nn.Module):
    """Makes of the likeliest label's share the chance that it is one of the track's own, and moves the others with it.

    That chance depends on what is known of the track and on how the answers stand to each other: of a song with two
    labels that are equally likely, the first is not a toss-up but surely right, and so is the second. A track may have
    several labels, so chances need not sum to 1; their order and proportions are those of the softmax. Until it is
    fitted on the validation part, after the network, chances are the softmax itself.
    """

    def __init__(self, d_hidden: int) -> None:
        super().__init__()
        last = nn.Linear(d_hidden, 1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.layers = nn.Sequential(nn.Linear(N_FLAGS + N_AMOUNTS + N_STANDING, d_hidden), nn.GELU(), last)
        self.requires_grad_(False)

    def forward(self, labels: Tensor, known: Tensor) -> Tensor:
        """Logarithms of the labels' chances (n, l), each at most 0.

        Args:
            labels: Logits (n, l).
            known: Flags and amounts (n, N_FLAGS + N_AMOUNTS).
        """
        logs = torch.log_softmax(labels, dim=1)
        sure = -nn.functional.softplus(-self.logit(*self.read(labels, known)))
        return (logs - logs.amax(dim=1, keepdim=True)).clamp(min=math.log(TINY)) + sure

    @staticmethod
    def read(labels: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """The likeliest label's log-odds by the softmax (n, 1), and what they are corrected by."""
        p = torch.softmax(labels, dim=1)
        is_best = torch.arange(labels.shape[1]) == labels.argmax(dim=1, keepdim=True)
        rest = torch.where(is_best, 0.0, p).sum(dim=1, keepdim=True)  # 1 - best would keep a digit or two of it
        odds = torch.log(p.amax(dim=1, keepdim=True)) - torch.log(rest.clamp(min=DOUBT))
        return odds, torch.cat([known, standing(labels)], dim=1)

    def logit(self, odds: Tensor, evidence: Tensor) -> Tensor:
        """Log-odds (n, 1) of the chance that the likeliest label is right, of what `read` gives."""
        correction: Tensor = self.layers(evidence)
        return odds + correction


def standing(logits: Tensor) -> Tensor:
    """How the likeliest answers stand to each other: `(n, l)` to `(n, N_STANDING)`.

    The gaps between the first four, and the entropy (confidences that depend on the answer: Balanya et al. 2022).
    """
    logs = torch.log_softmax(logits, dim=1)
    best = logs.topk(N_STANDING, dim=1).values
    gaps = (best[:, :-1] - best[:, 1:]).clamp(max=8) / 3
    entropy = -(logs.exp() * logs).sum(dim=1, keepdim=True)
    return torch.cat([gaps, entropy], dim=1)
