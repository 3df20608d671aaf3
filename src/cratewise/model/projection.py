"""From the network's answers to a track's place among all tracks: an embedding, and a point on a plane.

The embedding has two parts. *Style* is a linear map of the leaves' probabilities, as square roots (Hellinger 1909),
which tell apart what is likely, and as logarithms, which tell apart what is not. *Sound* is what the audio statistics
say, and where one is unknown, what it mostly is in that style: a song without statistics then stands with its like and
not apart from all songs that have them. The plane is a perceptron over the embedding (parametric UMAP, Sainburg et al.
2021). `neighbourhood` fits all of it to a network.
"""

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from cratewise.model.features import NUMBERS
from cratewise.model.network import Outputs
from cratewise.model.training import within_family

SOUND: tuple[str, ...] = (
    "danceability",
    "energy",
    "loudness_db",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "valence",
    "tempo_bpm",
)
"""Statistics that make two songs sound alike; key, mode and time signature don't, and liveness is of the recording."""
SOUND_WEIGHT = 0.25
"""Weight of the sound against the style, whose length is 1, in the embedding."""
D_STYLE = 40
D_PLANE = 128
LITTLE = 0.5
"""Nats under which little is known of a track's genre."""
_FAINT = -8.0
"""Log-probability under which leaves are equally unlikely."""
_MOST = 3.0
"""Deviations beyond which a statistic counts as no further away."""

_COLUMNS = [NUMBERS.index(name) for name in SOUND]


class Located(NamedTuple):
    """Where n tracks stand.

    Attributes:
        embedding: (n, d), each of length 1.
        place: (n, 2), each coordinate from -1 to 1.
    """

    embedding: Tensor
    place: Tensor


class Projection(nn.Module):
    """`Outputs` and numbers of n tracks to `Located`.

    Args:
        leaf_families: int (s + f,), the family of each leaf.
        prior: float (f,), log-probabilities of the families of a track of which nothing is known.
        mean: float (c,), means of the numbers.
        deviation: float (c,), their deviations.
    """

    def __init__(self, leaf_families: Tensor, prior: Tensor, mean: Tensor, deviation: Tensor) -> None:
        super().__init__()
        self.register_buffer("leaf_families", leaf_families)
        self.register_buffer("prior", prior)
        self.register_buffer("mean", mean[_COLUMNS].clone())
        self.register_buffer("deviation", deviation[_COLUMNS].clone())
        self.leaf_families: Tensor
        self.prior: Tensor
        self.mean: Tensor
        self.deviation: Tensor
        self.style = nn.Linear(2 * len(leaf_families), D_STYLE)
        self.usual_sound = nn.Linear(D_STYLE, len(SOUND))
        d_embedding = D_STYLE + len(SOUND)
        self.axes = nn.Linear(d_embedding, 2)
        widths = (d_embedding, D_PLANE, D_PLANE, D_PLANE)
        layers = [layer for sizes in pairwise(widths) for layer in (nn.Linear(*sizes), nn.ReLU())]
        self.bends = nn.Sequential(*layers, nn.Linear(D_PLANE, 2))
        self.register_buffer("middle", torch.zeros(2))
        self.register_buffer("extent", torch.ones(2))
        self.middle: Tensor
        self.extent: Tensor

    def forward(self, outputs: Outputs, numbers: Tensor) -> Located:
        embedding = self.embed(self.genres(outputs), numbers)
        on_map = ((self.locate(embedding) - self.middle) / self.extent).clamp(-1, 1)
        return Located(embedding, on_map * self.knowledge(outputs))

    def knowledge(self, outputs: Outputs) -> Tensor:
        """How much is known of the genre, 0 to 1: by the divergence of the families from the prior: (n, 1)."""
        families = torch.log_softmax(outputs.families, dim=1)
        gained = (families.exp() * (families - self.prior)).sum(dim=1, keepdim=True).clamp(min=0)
        return 1 - torch.exp(-gained / LITTLE)

    def genres(self, outputs: Outputs) -> Tensor:
        """What the style is read from: (n, 2 * (s + f)), square roots and scaled logarithms of the leaves."""
        families = torch.log_softmax(outputs.families, dim=1)
        within = within_family(outputs.styles, self.leaf_families, families.shape[1])
        logs = families[:, self.leaf_families] + within
        return torch.cat([torch.exp(logs / 2), ((logs - _FAINT) / -_FAINT).clamp(-1, 1)], dim=1)

    def sound(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Standardised statistics of `SOUND`, 0 where unknown, and whether they are known: both (n, len(SOUND))."""
        known = ~torch.isnan(numbers[:, _COLUMNS])
        scaled = (torch.nan_to_num(numbers[:, _COLUMNS]) - self.mean) / self.deviation
        return scaled.clamp(-_MOST, _MOST) * known, known

    def embed(self, genres: Tensor, numbers: Tensor) -> Tensor:
        """What `genres` gave and the numbers to the embedding (n, d)."""
        style = nn.functional.normalize(self.style(genres), dim=1)
        heard, known = self.sound(numbers)
        sound = torch.where(known, heard, self.usual_sound(style)) * (SOUND_WEIGHT / len(SOUND) ** 0.5)
        return nn.functional.normalize(torch.cat([style, sound], dim=1), dim=1)

    def locate(self, embedding: Tensor) -> Tensor:
        """Embeddings to points on the plane before it is scaled: (n, d) to (n, 2)."""
        points: Tensor = self.axes(embedding) + self.bends(embedding)
        return points
