"""What makes a probability mean what it says; fitted on the validation part, after the network (see `calibration`)."""

import torch
from torch import Tensor, nn

TINY = 1e-9
"""Least probability of a label."""
MARGIN = 1e-6
"""How far the likeliest label stays above the second, and under 1."""
N_FLAGS = 8
"""Flags of what a track has: `GenreNetwork.presence`."""
N_AMOUNTS = 4
"""How much it has: `GenreNetwork.amounts`."""
N_STANDING = 4
"""Width of `standing`."""
LEAN = 0.15
"""How far a confidence above the softmax's leans back to it, of the way (chosen on the validation part). Of two labels
that are both right the first would be sure and the second next to nothing; this gives the second some of it back and
costs about half of the calibration error that is allowed."""


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
    """Makes the probability of the likeliest label the chance that it is one of the track's own.

    That chance depends on what is known of the track and on how the answers stand to each other: of a song with two
    labels that are equally sure, the first is not a toss-up but surely right. The other labels share what is left as
    they did. Until it is fitted on the validation part, after the network, nothing is changed.
    """

    def __init__(self, d_hidden: int) -> None:
        super().__init__()
        last = nn.Linear(d_hidden, 1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.layers = nn.Sequential(nn.Linear(N_FLAGS + N_AMOUNTS + N_STANDING, d_hidden), nn.GELU(), last)
        self.requires_grad_(False)

    def chance(self, labels: Tensor, known: Tensor) -> Tensor:
        """Logit of the chance that the likeliest label is right.

        Args:
            labels: Logits (n, l).
            known: Flags and amounts (n, N_FLAGS + N_AMOUNTS).
        """
        best, rest, _ = self._parts(labels)
        correction: Tensor = self.layers(torch.cat([known, standing(labels)], dim=1))
        return torch.log(best) - torch.log(rest) + correction

    def forward(self, labels: Tensor, known: Tensor) -> Tensor:
        """Log-probabilities (n, l)."""
        best, rest, others = self._parts(labels)
        sure = torch.sigmoid(self.chance(labels, known))
        sure = torch.where(sure > best, sure + LEAN * (best - sure), sure)
        second = others.amax(dim=1, keepdim=True) / rest
        sure = torch.maximum(sure, second / (1 + second) + MARGIN).clamp(max=1 - MARGIN)
        p = torch.where(others > 0, others * ((1 - sure) / rest), sure)
        return torch.log(p.clamp(min=TINY))

    @staticmethod
    def _parts(labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The greatest probability (n, 1), what is left (n, 1), and the probabilities (n, l) with it at 0."""
        p = torch.softmax(labels, dim=1).clamp(min=TINY)
        is_best = torch.arange(labels.shape[1]) == labels.argmax(dim=1, keepdim=True)
        others = torch.where(is_best, 0.0, p)
        return p.amax(dim=1, keepdim=True), others.sum(dim=1, keepdim=True), others


def standing(logits: Tensor) -> Tensor:
    """How the likeliest answers stand to each other: `(n, l)` to `(n, N_STANDING)`.

    The gaps between the first four, and the entropy (confidences that depend on the answer: Balanya et al. 2022).
    """
    logs = torch.log_softmax(logits, dim=1)
    best = logs.topk(N_STANDING, dim=1).values
    gaps = (best[:, :-1] - best[:, 1:]).clamp(max=8) / 3
    entropy = -(logs.exp() * logs).sum(dim=1, keepdim=True)
    return torch.cat([gaps, entropy], dim=1)
