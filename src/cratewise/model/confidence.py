"""What makes a probability mean what it says; fitted on the validation part, after the network (see `calibration`)."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

TINY = 1e-9
"""Least probability of a label by the softmax, as a share of the likeliest's."""
DOUBT = 1e-6
"""Least probability, by the softmax, that a label is wrong."""
N_FLAGS = 8
"""Flags of what a track has: `GenreNetwork.presence`."""
N_AMOUNTS = 4
"""How much it has: `GenreNetwork.amounts`."""
N_STANDING = 4
"""Width of `standing`."""
N_WITNESSES = 5
"""What else is known of a label: its shares of what was counted, and what is said without these (`GenreNetwork`)."""


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


class Reading(NamedTuple):
    """What chances are made of, for n tracks and k of their labels.

    Attributes:
        odds: (n, k), log-odds of each label by the softmax.
        track: (n, N_FLAGS + N_AMOUNTS + N_STANDING), what is known of the track, and how its answers stand.
        label: (n, k, 1 + N_WITNESSES), how far each label is behind the likeliest, and what else is known of it.
    """

    odds: Tensor
    track: Tensor
    label: Tensor

    def of(self, labels: Tensor) -> "Reading":
        """The same for some labels of each track: indices (n, k)."""
        wide = labels.unsqueeze(2).expand(-1, -1, self.label.shape[2])
        return Reading(self.odds.gather(1, labels), self.track, self.label.gather(1, wide))


class Confidence(nn.Module):
    """Makes of each label's share in the softmax the chance that it is one of the track's own.

    A track may have several labels, so chances need not sum to 1: of two labels that are equally likely, each may be a
    toss-up, or both may be right. Which of the two it is shows in how the answers stand to each other, in how much is
    known of the track, and in what else is known of the label. Until it is fitted on the validation part, after the
    network, chances are the softmax itself.
    """

    def __init__(self, d_hidden: int) -> None:
        super().__init__()
        self.of_track = nn.Linear(N_FLAGS + N_AMOUNTS + N_STANDING, d_hidden)
        self.of_label = nn.Linear(1 + N_WITNESSES, d_hidden, bias=False)
        self.last = nn.Linear(d_hidden, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)
        self.requires_grad_(False)

    def forward(self, reading: Reading) -> Tensor:
        """Log-odds (n, k) of the labels' chances."""
        hidden = nn.functional.gelu(self.of_track(reading.track).unsqueeze(1) + self.of_label(reading.label))
        correction: Tensor = self.last(hidden).squeeze(2)
        return reading.odds + correction


def read(labels: Tensor, known: Tensor, witnesses: Tensor) -> Reading:
    """What the chances of all labels are made of.

    Args:
        labels: Logits (n, l).
        known: Flags and amounts (n, N_FLAGS + N_AMOUNTS).
        witnesses: (n, l, N_WITNESSES).
    """
    logs = torch.log_softmax(labels, dim=1)
    highest = logs.amax(dim=1, keepdim=True)
    behind = (highest - logs).clamp(max=-math.log(TINY))
    p = torch.exp(logs)
    is_best = torch.arange(labels.shape[1]) == labels.argmax(dim=1, keepdim=True)
    others = torch.where(is_best, 0.0, p).sum(dim=1, keepdim=True)  # 1 - p would keep a digit or two of it
    odds = highest - behind - torch.log(torch.where(is_best, others, 1 - p).clamp(min=DOUBT))
    own = torch.cat([(behind.clamp(max=8) / 3).unsqueeze(2), witnesses], dim=2)
    return Reading(odds, torch.cat([known, standing(labels)], dim=1), own)


def standing(logits: Tensor) -> Tensor:
    """How the likeliest answers stand to each other: `(n, l)` to `(n, N_STANDING)`.

    The gaps between the first four, and the entropy (confidences that depend on the answer: Balanya et al. 2022).
    """
    logs = torch.log_softmax(logits, dim=1)
    best = logs.topk(N_STANDING, dim=1).values
    gaps = (best[:, :-1] - best[:, 1:]).clamp(max=8) / 3
    entropy = -(logs.exp() * logs).sum(dim=1, keepdim=True)
    return torch.cat([gaps, entropy], dim=1)
