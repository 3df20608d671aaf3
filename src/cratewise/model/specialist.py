"""The part of the network that reads numbers and nothing else."""

import torch
from torch import Tensor, nn

from cratewise.model.features import NUMBERS
from cratewise.model.layers import Bins, Ensemble, Numbers
from cratewise.model.sizes import Widths


class Specialist(nn.Module):
    """Labels from the numbers alone, by k perceptrons: `(n, len(NUMBERS))` to logits `(k, n, l)`.

    It answers where nothing else is known, and has a say where the artist is unknown: the body, which sees everything,
    leans on the rest and hears less in the numbers.
    """

    def __init__(self, n_labels: int, widths: Widths) -> None:
        super().__init__()
        w = widths
        self.waves = Numbers(len(NUMBERS), w.d_periodic)
        self.bins = Bins(len(NUMBERS), w.n_bins)
        d_in = Numbers.width(len(NUMBERS), w.d_periodic) + len(NUMBERS) * w.n_bins
        self.members = Ensemble(
            w.n_specialists, d_in, w.d_specialist, w.d_specialist, n_labels, dropout=w.specialist_dropout
        )

    def forward(self, numbers: Tensor) -> Tensor:
        answers: Tensor = self.members(torch.cat([self.waves(numbers), self.bins(numbers)], dim=1))
        return answers
