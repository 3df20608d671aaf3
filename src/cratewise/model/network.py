"""The network: one body, two outputs, every input optional.

Shapes: `n` tracks, `l` dataset labels, `f` families, `s` styles. The *labels* output sees everything at once (a
perceptron over all towers plus the artist's and album's label counts as additive terms of the logits). The *genres*
output is a product of experts (Hinton 2002): tags, sound, names and label counts each add their own logits, so that an
absent input adds nothing and each input's pull can be read off.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from cratewise.model.features import NAME_TOKENS, NUMBERS, STATISTICS, TAG_TOKENS


class Inputs(NamedTuple):
    """What the network reads, and the names and order of the exported graph's inputs.

    Attributes:
        numbers: float (n, len(NUMBERS)), NaN where unknown.
        names: int (n, t), tokens of title and album, 0 for none.
        tags: int (n, t), tokens of the tags, 0 for none.
        tag_votes: float (n, t), how many sources give each of them, above 0 where there is a token.
        tag_vector: float (n, d_tag), remembered tag vector of the artists.
        has_tag_vector: float (n, 1), 1 where `tag_vector` is known.
        artist: float (n, l), label counts of the first artist.
        collaborators: float (n, l), label counts of the others.
        album: float (n, l), label counts of the album.
    """

    numbers: Tensor
    names: Tensor
    tags: Tensor
    tag_votes: Tensor
    tag_vector: Tensor
    has_tag_vector: Tensor
    artist: Tensor
    collaborators: Tensor
    album: Tensor

    def rows(self, index: Tensor) -> "Inputs":
        """The inputs of some tracks."""
        return Inputs(*(array[index] for array in self))


class Outputs(NamedTuple):
    """What the network answers, all logits but the embedding.

    Attributes:
        labels: (n, l).
        families: (n, f).
        styles: (n, s + f): styles in the taxonomy's order, then for each family "no style in particular".
        experts: (n, 4, f), what tags, sound, names and label counts each add to `families`.
        embedding: (n, d), the track's place among all tracks.
    """

    labels: Tensor
    families: Tensor
    styles: Tensor
    experts: Tensor
    embedding: Tensor


EXPERTS: tuple[str, ...] = ("tags", "sound", "names", "artist")
"""Names of the experts in `Outputs.experts`."""

TRUST: tuple[float, ...] = (1.0, 1.0, 0.5, 0.5)
"""Weights of the experts once training is over. Names know more of the artists they were trained on than of others: at
full weight they made families worse both on the validation part of the artist split and on top_hits.csv."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the data decides: how many labels, families and styles there are, and rows of the tokens' tables."""

    n_labels: int
    n_families: int
    n_styles: int
    n_name_rows: int
    n_tag_rows: int


@dataclass(frozen=True, slots=True)
class Widths:
    """Sizes of the layers."""

    d_token: int = 32
    d_tag: int = 48
    d_periodic: int = 16
    d_tower: int = 192
    d_body: int = 384
    d_temperature: int = 16
    dropout: float = 0.15


class Bag(nn.Module):
    """Mean of the embeddings of a row's tokens by weight; a row without tokens is zero. `(n, t)` twice to `(n, d)`.

    In training the gradient is sparse, so that a step costs what the batch's tokens cost and not the whole table.
    """

    def __init__(self, n_rows: int, width: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(n_rows, width) * 0.1)
        with torch.no_grad():
            self.table[0] = 0

    def forward(self, tokens: Tensor, weights: Tensor) -> Tensor:
        weights = weights * (tokens != 0)
        weights = weights / weights.sum(dim=1, keepdim=True).clamp(min=1)
        if self.training:
            return nn.functional.embedding_bag(
                tokens, self.table, per_sample_weights=weights, mode="sum", padding_idx=0, sparse=True
            )
        return (self.table[tokens] * weights.unsqueeze(2)).sum(dim=1)


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


def perceptron(*widths: int, dropout: float) -> nn.Sequential:
    """Linear layers with normalisation, GELU and dropout between; the last is plain."""
    layers: list[nn.Module] = []
    for d_in, d_out in pairwise(widths[:-1]):
        layers += [nn.Linear(d_in, d_out), nn.LayerNorm(d_out), nn.GELU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers, nn.Linear(widths[-2], widths[-1]))


N_FLAGS = 8
"""Width of `GenreNetwork.presence`."""
N_STANDING = 4
"""Width of `standing`."""


class Temperature(nn.Module):
    """Temperature scaling (Guo et al. 2017) by what is known of a track: `(n, d)` to `(n, 1)`.

    It is 1 until it is fitted on the validation part, after the network.
    """

    def __init__(self, d_in: int, d_hidden: int = 0) -> None:
        super().__init__()
        last = nn.Linear(d_hidden or d_in, 1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.layers = nn.Sequential(nn.Linear(d_in, d_hidden), nn.GELU(), last) if d_hidden else last
        self.requires_grad_(False)

    def forward(self, known: Tensor) -> Tensor:
        return torch.exp(self.layers(known).clamp(-3, 3))


def standing(logits: Tensor) -> Tensor:
    """How the likeliest answers stand to each other: `(n, l)` to `(n, N_STANDING)`.

    The gaps between the first four, and the entropy: of a song with two labels that are equally sure, the first is not
    a toss-up but surely right (temperatures that depend on the answer: Balanya et al. 2022).
    """
    logs = torch.log_softmax(logits, dim=1)
    best = logs.topk(N_STANDING, dim=1).values
    gaps = (best[:, :-1] - best[:, 1:]).clamp(max=8) / 3
    entropy = -(logs.exp() * logs).sum(dim=1, keepdim=True)
    return torch.cat([gaps, entropy], dim=1)


class GenreNetwork(nn.Module):
    """Inputs to `Outputs`; see the module's text."""

    def __init__(self, sizes: Sizes, widths: Widths | None = None) -> None:
        super().__init__()
        w = widths or Widths()
        n_labels, n_families, n_styles = sizes.n_labels, sizes.n_families, sizes.n_styles
        n_genres = 2 * n_families + n_styles
        self.n_labels, self.n_families, self.d_tag = n_labels, n_families, w.d_tag
        d_numbers = Numbers.width(len(NUMBERS), w.d_periodic)
        d_sound = Numbers.width(len(STATISTICS) + 2, w.d_periodic)
        self.numbers = Numbers(len(NUMBERS), w.d_periodic)
        self.sound = Numbers(len(STATISTICS) + 2, w.d_periodic)
        self.name_bag = Bag(sizes.n_name_rows, w.d_token)
        self.tag_bag = Bag(sizes.n_tag_rows, w.d_tag)
        d_counts = 3 * (n_labels + 1)
        d_all = d_numbers + w.d_token + w.d_tag + d_counts + 6
        self.body = perceptron(d_all, w.d_body, w.d_body, w.d_body, dropout=w.dropout)
        self.label_head = nn.Sequential(nn.GELU(), nn.Linear(w.d_body, n_labels))
        self.count_weights = nn.Parameter(torch.tensor([1.0, 0.3, 0.5]))
        self.register_buffer("label_prior", torch.full((n_labels,), 1 / n_labels))
        self.label_prior: Tensor
        self.register_buffer("trust", torch.tensor(TRUST).view(1, len(EXPERTS), 1))
        self.trust: Tensor
        self.label_temperature = Temperature(N_FLAGS + N_STANDING, w.d_temperature)
        self.genre_temperature = Temperature(N_FLAGS)
        self.genre_bias = nn.Parameter(torch.zeros(n_genres))
        self.experts = nn.ModuleList(
            [
                perceptron(w.d_tag, w.d_tower, n_genres, dropout=w.dropout),
                perceptron(d_sound, w.d_tower, w.d_tower, n_genres, dropout=w.dropout),
                perceptron(w.d_token, w.d_tower, n_genres, dropout=2 * w.dropout),
                perceptron(d_counts, w.d_tower, n_genres, dropout=w.dropout),
            ]
        )

    def forward(self, inputs: Inputs) -> Outputs:
        name = self.name_bag(inputs.names, (inputs.names != 0).to(inputs.numbers.dtype))
        tag, has_tag = self.tag_vector(inputs)
        counts = (inputs.artist, inputs.collaborators, inputs.album)
        tables = torch.cat([self._table_inputs(count) for count in counts], dim=1)
        has_sound = (~torch.isnan(inputs.numbers[:, : len(STATISTICS)])).any(dim=1, keepdim=True)
        has_names = (inputs.names != 0).any(dim=1, keepdim=True)
        has_counts = (tables != 0).any(dim=1, keepdim=True)
        present = torch.cat([p.to(name.dtype) for p in (has_tag, has_sound, has_names, has_counts)], dim=1)
        rest = torch.cat([(c.sum(1, keepdim=True) > 0).to(name.dtype) for c in (counts[1], counts[2])], dim=1)
        hidden = self.body(torch.cat([self.numbers(inputs.numbers), name, tag, tables, present, rest], dim=1))
        labels = self.label_head(hidden)
        for weight, count in zip(self.count_weights, counts, strict=True):
            labels = labels + weight * self._log_counts(count)
        sound = self.sound(inputs.numbers[:, : len(STATISTICS) + 2])
        read = (tag, sound, name, tables)
        pulls = torch.stack([expert(seen) for expert, seen in zip(self.experts, read, strict=True)], dim=1)
        pulls = pulls * present.unsqueeze(2)
        if not self.training:
            pulls = pulls * self.trust
        genres = self.genre_bias + pulls.sum(dim=1)
        flags = self.presence(inputs)
        genre_heat = self.genre_temperature(flags)
        return Outputs(
            labels=labels / self.label_temperature(torch.cat([flags, standing(labels)], dim=1)),
            families=genres[:, : self.n_families] / genre_heat,
            styles=genres[:, self.n_families :] / genre_heat,
            experts=pulls[:, :, : self.n_families] / genre_heat.unsqueeze(1),
            embedding=hidden,
        )

    @staticmethod
    def presence(inputs: Inputs) -> Tensor:
        """Which inputs each track has, 0 or 1: float (n, N_FLAGS)."""
        known = ~torch.isnan(inputs.numbers)
        return torch.cat(
            [
                known[:, : len(STATISTICS)].any(dim=1, keepdim=True),
                known[:, -1:],
                (inputs.names != 0).any(dim=1, keepdim=True),
                (inputs.tags != 0).any(dim=1, keepdim=True),
                inputs.has_tag_vector > 0,
                *(
                    (count > 0).any(dim=1, keepdim=True)
                    for count in (inputs.artist, inputs.collaborators, inputs.album)
                ),
            ],
            dim=1,
        ).to(inputs.numbers.dtype)

    def input_widths(self) -> dict[str, int]:
        """Width of each input, in the order of `Inputs`."""
        tokens = {"names": NAME_TOKENS, "tags": TAG_TOKENS, "tag_votes": TAG_TOKENS}
        counts = dict.fromkeys(("artist", "collaborators", "album"), self.n_labels)
        return {"numbers": len(NUMBERS), **tokens, "tag_vector": self.d_tag, "has_tag_vector": 1, **counts}

    def tag_vector(self, inputs: Inputs) -> tuple[Tensor, Tensor]:
        """Mean of what the given tags come to and what is remembered `(n, d_tag)`, and whether either is there."""
        given = self.tag_bag(inputs.tags, inputs.tag_votes)
        has_given = (inputs.tags != 0).any(dim=1, keepdim=True).to(given.dtype)
        n_sources = has_given + inputs.has_tag_vector
        mean = (given + inputs.tag_vector * inputs.has_tag_vector) / n_sources.clamp(min=1)
        return mean, n_sources > 0

    def _log_counts(self, count: Tensor) -> Tensor:
        """Smoothed log share of each label in a row of counts, relative to the prior: 0 where nothing is counted."""
        total = count.sum(dim=1, keepdim=True)
        share = (count + self.label_prior) / (total + 1)
        return torch.log(share / self.label_prior)

    @staticmethod
    def _table_inputs(count: Tensor) -> Tensor:
        """Counts as shares, and how many there are on a log scale: `(n, l)` to `(n, l + 1)`."""
        total = count.sum(dim=1, keepdim=True)
        return torch.cat([torch.sqrt(count / total.clamp(min=1)), torch.log1p(total)], dim=1)
