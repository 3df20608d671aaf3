"""The network: one body, two outputs, every input optional.

Shapes: `n` tracks, `l` dataset labels, `f` families, `s` styles. The *labels* output sees everything at once (a
perceptron over all towers plus the artist's and album's label counts as additive terms of the logits). The *genres*
output is a product of experts (Hinton 2002): tags, sound, names and label counts each add their own logits, so that an
absent input adds nothing and each input's pull can be read off.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from cratewise.model.confidence import Confidence, Reading, Temperature, read
from cratewise.model.features import NUMBERS, STATISTICS, TAG_TOKENS
from cratewise.model.layers import Bag, Numbers, perceptron
from cratewise.model.names import NAME_TOKENS
from cratewise.model.sizes import Sizes, Widths
from cratewise.model.specialist import Specialist


class Inputs(NamedTuple):
    """What the network reads, and the names and order of the exported graph's inputs.

    Attributes:
        numbers: float (n, len(NUMBERS)), NaN where unknown.
        names: int (n, t), tokens of artists' names, title and album, and marks of scripts, 0 for none.
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
    """What the network answers, all logits.

    Attributes:
        labels: (n, l); once training is over, logarithms of the chance that each label is one of the track's own.
        families: (n, f).
        styles: (n, s + f): styles in the taxonomy's order, then for each family "no style in particular".
        experts: (n, 4, f), what tags, sound, names and label counts each add to `families`.
    """

    labels: Tensor
    families: Tensor
    styles: Tensor
    experts: Tensor


class Evidence(NamedTuple):
    """What labels and genres both rest on.

    Attributes:
        name: (n, d_token), what the words of the names come to.
        tag: (n, d_tag), what the tags come to.
        tables: (n, 3 * (l + 1)), roots of the label counts' shares, and how many there are.
        present: (n, 4), 1 where there are tags, sound, names and label counts.
        flags: (n, N_FLAGS), `GenreNetwork.presence`.
    """

    name: Tensor
    tag: Tensor
    tables: Tensor
    present: Tensor
    flags: Tensor


EXPERTS: tuple[str, ...] = ("tags", "sound", "names", "artist")
"""Names of the experts in `Outputs.experts`."""

TRUST: tuple[float, ...] = (1.0, 0.7, 0.25, 0.25)
"""Weights of the experts once training is over. Names and label counts know more of the artists they were trained on
than of others, and sound is sure of itself: at full weight they made families worse on songs that people judged
(top_hits.csv and the demo library)."""


SPECIALIST_SHARE = 0.4
"""How much of what the specialist for numbers says, against how common each label is, counts beside what the body says
of a song by an unknown artist (chosen on the validation parts: more is better without tags, less with them)."""


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
        self.specialist = Specialist(n_labels, w)
        self.count_weights = nn.Parameter(torch.tensor([1.0, 0.3, 0.5]))
        self.register_buffer("label_prior", torch.full((n_labels,), 1 / n_labels))
        self.label_prior: Tensor
        self.register_buffer("trust", torch.tensor(TRUST).view(1, len(EXPERTS), 1))
        self.trust: Tensor
        self.confidence = Confidence(w.d_confidence)
        self.genre_temperature = Temperature()
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
        evidence = self.evidence(inputs, *self.tokens(inputs))
        return Outputs(self.labels(inputs, evidence), *self.genres(inputs, evidence))

    def tokens(self, inputs: Inputs) -> tuple[Tensor, Tensor]:
        """What the words come to, names (n, d_token) and tags (n, d_tag); no other part reads the tables of tokens."""
        name = self.name_bag(inputs.names, (inputs.names != 0).to(inputs.numbers.dtype))
        return name, self.tag_vector(inputs)

    def evidence(self, inputs: Inputs, name: Tensor, tag: Tensor) -> Evidence:
        """What labels and genres both rest on; `name` and `tag` are those of `tokens`."""
        counts = (inputs.artist, inputs.collaborators, inputs.album)
        tables = torch.cat([self._table_inputs(count) for count in counts], dim=1)
        has_tag = (inputs.tags != 0).any(dim=1, keepdim=True) | (inputs.has_tag_vector > 0)
        has_sound = (~torch.isnan(inputs.numbers[:, : len(STATISTICS)])).any(dim=1, keepdim=True)
        has_names = (inputs.names != 0).any(dim=1, keepdim=True)
        has_counts = (counts[0] + counts[1] + counts[2]).sum(dim=1, keepdim=True) > 0
        present = torch.cat([p.to(name.dtype) for p in (has_tag, has_sound, has_names, has_counts)], dim=1)
        return Evidence(name, tag, tables, present, self.presence(inputs))

    def labels(self, inputs: Inputs, evidence: Evidence) -> Tensor:
        """`Outputs.labels`."""
        if self.training:
            return self.body_labels(inputs, evidence)
        return -nn.functional.softplus(-self.confidence(self.reading(inputs, evidence)))

    def reading(self, inputs: Inputs, evidence: Evidence) -> Reading:
        """What the chances of the labels are made of: the body, the specialist, and what is counted."""
        log_prior = torch.log(self.label_prior)
        of_numbers = torch.log_softmax(self.specialist(inputs.numbers).mean(dim=0), dim=1)
        by_numbers = of_numbers - log_prior
        is_stranger = ((inputs.artist + inputs.collaborators).sum(dim=1, keepdim=True) == 0).to(by_numbers.dtype)
        knows_more = evidence.present[:, [0, 2, 3]].any(dim=1, keepdim=True)
        heard = self.body_labels(inputs, evidence) + SPECIALIST_SHARE * is_stranger * by_numbers
        logits = torch.where(knows_more, heard, of_numbers)

        nobody = {name: torch.zeros_like(inputs.artist) for name in ("artist", "collaborators", "album")}
        uncounted = evidence._replace(
            tables=torch.zeros_like(evidence.tables), present=evidence.present * torch.tensor([1.0, 1.0, 1.0, 0.0])
        )
        by_rest = torch.log_softmax(self.body_labels(inputs._replace(**nobody), uncounted), dim=1) - log_prior
        opinions = torch.stack([by_numbers, by_rest], dim=2).clamp(-6, 6) / 3
        known = torch.cat([evidence.flags, self.amounts(inputs)], dim=1)
        return read(logits, known, torch.cat([self.shares(inputs), opinions], dim=2))

    def body_labels(self, inputs: Inputs, evidence: Evidence) -> Tensor:
        """What the body alone says of the labels: logits (n, l)."""
        name, tag, tables, present, _ = evidence
        counts = (inputs.artist, inputs.collaborators, inputs.album)
        rest = torch.cat([(c.sum(1, keepdim=True) > 0).to(name.dtype) for c in (counts[1], counts[2])], dim=1)
        hidden = self.body(torch.cat([self.numbers(inputs.numbers), name, tag, tables, present, rest], dim=1))
        labels: Tensor = self.label_head(hidden)
        for weight, count in zip(self.count_weights, counts, strict=True):
            labels = labels + weight * self._log_counts(count)
        return labels

    def genres(self, inputs: Inputs, evidence: Evidence) -> tuple[Tensor, Tensor, Tensor]:
        """`Outputs.families`, `Outputs.styles` and `Outputs.experts`."""
        name, tag, tables, present, flags = evidence
        sound = self.sound(inputs.numbers[:, : len(STATISTICS) + 2])
        read = (tag, sound, name, tables)
        pulls = torch.stack([expert(seen) for expert, seen in zip(self.experts, read, strict=True)], dim=1)
        weights = present.unsqueeze(2)
        pulls = pulls * (weights if self.training else weights * self.trust)
        genres = self.genre_bias + pulls.sum(dim=1)
        heat = self.genre_temperature(flags)
        n_families = self.n_families
        return (
            genres[:, :n_families] / heat,
            genres[:, n_families:] / heat,
            pulls[:, :, :n_families] / heat.unsqueeze(1),
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

    @staticmethod
    def shares(inputs: Inputs) -> Tensor:
        """Each label's share in the counts of artist, others and album, 0 to 1: float (n, l, 3)."""
        counts = (inputs.artist, inputs.collaborators, inputs.album)
        return torch.stack([count / count.sum(dim=1, keepdim=True).clamp(min=1) for count in counts], dim=2)

    @staticmethod
    def amounts(inputs: Inputs) -> Tensor:
        """How many votes for tags, and songs of artist, others and album, on a log scale: float (n, N_AMOUNTS)."""
        votes = inputs.tag_votes * (inputs.tags != 0)
        known = (votes, inputs.artist, inputs.collaborators, inputs.album)
        return torch.log1p(torch.cat([of.sum(dim=1, keepdim=True) for of in known], dim=1)) / 3

    def input_widths(self) -> dict[str, int]:
        """Width of each input, in the order of `Inputs`."""
        tokens = {"names": NAME_TOKENS, "tags": TAG_TOKENS, "tag_votes": TAG_TOKENS}
        counts = dict.fromkeys(("artist", "collaborators", "album"), self.n_labels)
        return {"numbers": len(NUMBERS), **tokens, "tag_vector": self.d_tag, "has_tag_vector": 1, **counts}

    def blank(self, n: int) -> Inputs:
        """Inputs of n tracks of which nothing is known."""
        tokens = ("names", "tags")
        arrays = {
            name: torch.zeros(n, width, dtype=torch.int32 if name in tokens else torch.float32)
            for name, width in self.input_widths().items()
        }
        return Inputs(**arrays | {"numbers": torch.full_like(arrays["numbers"], torch.nan)})

    def tag_vector(self, inputs: Inputs) -> Tensor:
        """Mean of what the given tags come to and what is remembered, 0 where neither is there: `(n, d_tag)`."""
        given = self.tag_bag(inputs.tags, inputs.tag_votes)
        has_given = (inputs.tags != 0).any(dim=1, keepdim=True).to(given.dtype)
        n_sources = has_given + inputs.has_tag_vector
        mean: Tensor = (given + inputs.tag_vector * inputs.has_tag_vector) / n_sources.clamp(min=1)
        return mean

    def _log_counts(self, count: Tensor) -> Tensor:
        """Smoothed log share of each label in a row of counts, relative to the prior: 0 where nothing is counted."""
        total = count.sum(dim=1, keepdim=True)
        share = (count + self.label_prior) / (total + 1)
        return torch.log(share / self.label_prior)

    @staticmethod
    def _table_inputs(count: Tensor) -> Tensor:
        """Roots of the counts' shares, and how many there are on a log scale: `(n, l)` to `(n, l + 1)`."""
        total = count.sum(dim=1, keepdim=True)
        return torch.cat([torch.sqrt(count / total.clamp(min=1)), torch.log1p(total)], dim=1)
