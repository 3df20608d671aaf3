"""Layers of the network: bags of tokens, embeddings of numbers, perceptrons and ensembles of them."""

from itertools import pairwise

import torch
from torch import Tensor, nn


class Bag(nn.Module):
    """Sum of the embeddings of a row's tokens by weight; a row without tokens is zero. `(n, t)` twice to `(n, d)`.

    The weights are scaled to unit length, so that many tokens come to about as much as one: in a mean they would fade.
    In training the gradient is sparse, so that a step costs what the batch's tokens cost and not the whole table.
    """

    def __init__(self, n_rows: int, width: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(n_rows, width) * 0.1)
        with torch.no_grad():
            self.table[0] = 0

    def forward(self, tokens: Tensor, weights: Tensor) -> Tensor:
        weights = weights * (tokens != 0)
        weights = weights / weights.square().sum(dim=1, keepdim=True).sqrt().clamp(min=1)
        if self.training:
            return nn.functional.embedding_bag(
                tokens, self.table, per_sample_weights=weights, mode="sum", padding_idx=0, sparse=True
            )
        return torch.bmm(weights.unsqueeze(1), self.table[tokens]).squeeze(1)


class Numbers(nn.Module):
    """Periodic embeddings of numbers (Gorishniy et al. 2022), 0 where a number is absent. `(n, c)` to `(n, c * 2k)`."""

    def __init__(self, n_columns: int, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_columns))
        self.register_buffer("deviation", torch.ones(n_columns))
        self.frequencies = nn.Parameter(torch.randn(n_columns, width) * 0.6)
        self.mean: Tensor
        self.deviation: Tensor

    def forward(self, numbers: Tensor) -> Tensor:
        known = (~torch.isnan(numbers)).to(numbers.dtype)
        scaled = ((torch.nan_to_num(numbers) - self.mean) / self.deviation).clamp(-6, 6) * known
        angles = 2 * torch.pi * self.frequencies * scaled.unsqueeze(-1)
        waves = torch.cat([torch.sin(angles), torch.cos(angles)], dim=-1) * known.unsqueeze(-1)
        return torch.cat([waves.flatten(1), scaled, known], dim=1)

    @staticmethod
    def width(n_columns: int, d_periodic: int) -> int:
        """Width of the output."""
        return n_columns * (2 * d_periodic + 2)


class Bins(nn.Module):
    """Piecewise-linear encoding of numbers (Gorishniy et al. 2022): how far into each of b bins a number reaches.

    `(n, c)` to `(n, c * b)`; 0 where a number is absent. The bins hold equal shares of the fitted rows.
    """

    def __init__(self, n_columns: int, n_bins: int) -> None:
        super().__init__()
        self.register_buffer("edges", torch.linspace(0, 1, n_bins + 1).repeat(n_columns, 1))
        self.edges: Tensor

    def set_edges(self, numbers: Tensor) -> None:
        """Takes the quantiles of fitted rows as edges."""
        shares = torch.linspace(0, 1, self.edges.shape[1], dtype=numbers.dtype)
        self.edges.copy_(torch.nanquantile(numbers, shares, dim=0).T)

    def forward(self, numbers: Tensor) -> Tensor:
        low, high = self.edges[:, :-1], self.edges[:, 1:]
        known = (~torch.isnan(numbers)).to(numbers.dtype).unsqueeze(2)
        reached = (torch.nan_to_num(numbers).unsqueeze(2) - low) / (high - low).clamp(min=1e-6)
        return (reached.clamp(0, 1) * known).flatten(1)


class Dropout(nn.Module):
    """Dropout (Srivastava et al. 2014) with a byte of chance for each number: PyTorch's own takes ten times as long."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.n_dropped = round(rate * 256)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.n_dropped:
            return x
        words = torch.empty(-(-x.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
        kept = words.view(torch.uint8)[: x.numel()].view(x.shape) >= self.n_dropped
        return torch.where(kept, x, 0.0) * (256 / (256 - self.n_dropped))


def perceptron(*widths: int, dropout: float) -> nn.Sequential:
    """Linear layers with normalisation, GELU and dropout between; the last is plain."""
    layers: list[nn.Module] = []
    for d_in, d_out in pairwise(widths[:-1]):
        layers += [nn.Linear(d_in, d_out), nn.LayerNorm(d_out), nn.GELU(), Dropout(dropout)]
    return nn.Sequential(*layers, nn.Linear(widths[-2], widths[-1]))


class SharedLinear(nn.Module):
    """A linear layer that k members share but for scales of what comes in and goes out: `(k, n, d)` to `(k, n, e)`.

    BatchEnsemble (Wen et al. 2020), as in TabM (Gorishniy et al. 2025). The first layer sees the same input for all
    members, `(1, n, d)`; what it gives is scaled by signs at random, so that the members differ.
    """

    def __init__(self, n_members: int, d_in: int, d_out: int, *, is_first: bool = False) -> None:
        super().__init__()
        self.shared = nn.Linear(d_in, d_out, bias=False)
        self.scale_in = None if is_first else nn.Parameter(torch.ones(n_members, 1, d_in))
        signs = torch.randint(0, 2, (n_members, 1, d_out)) * 2.0 - 1
        self.scale_out = nn.Parameter(signs if is_first else torch.ones(n_members, 1, d_out))
        self.bias = nn.Parameter(torch.empty(n_members, 1, d_out).uniform_(-1, 1) * d_in**-0.5)

    def forward(self, x: Tensor) -> Tensor:
        if self.scale_in is not None:
            x = x * self.scale_in
        return torch.addcmul(self.bias, self.shared(x), self.scale_out)


class Ensemble(nn.Module):
    """Perceptrons that share most weights; what each says of `(n, d)` as `(k, n, e)`."""

    def __init__(self, n_members: int, *widths: int, dropout: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for d_in, d_out in pairwise(widths[:-1]):
            linear = SharedLinear(n_members, d_in, d_out, is_first=not layers)
            layers += [linear, nn.ReLU(), Dropout(dropout)]
        self.layers = nn.Sequential(*layers)
        self.head = nn.Parameter(torch.empty(n_members, *widths[-2:]).uniform_(-1, 1) * widths[-2] ** -0.5)
        self.head_bias = nn.Parameter(torch.zeros(n_members, 1, widths[-1]))

    def forward(self, x: Tensor) -> Tensor:
        return torch.baddbmm(self.head_bias, self.layers(x.unsqueeze(0)), self.head)
