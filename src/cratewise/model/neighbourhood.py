"""Fits a `Projection`: first which songs are alike, then a plane on which they lie side by side.

Both are learnt from songs in every state a library has them in: inputs are hidden at random, and what is remembered of
an artist's tags stays. Two songs by one artist teach nothing, for a listener knows these already.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cratewise.model.calibration import BATCH
from cratewise.model.conditions import Known, everything
from cratewise.model.masking import hide
from cratewise.model.network import GenreNetwork
from cratewise.model.projection import Projection
from cratewise.model.recipe import Recipe
from cratewise.model.training import Targets

N_TRACKS = 12_000
"""Tracks that are looked at."""
LABEL_WEIGHT = 0.5
"""Weight of shared dataset labels against shared genres where songs are compared."""
RIDGE = 10.0
"""Of the regression of sound on style."""
BATCH_SIZE = 512
TEMPERATURE = 0.1
"""Of the softmax over the songs that one is compared with, for truth and cosine alike."""
STYLE_RATE, PLANE_RATE = 2e-3, 1e-2
"""Greatest learning rates."""
N_NEIGHBOURS = 15
N_NEGATIVES = 5
SPAN = 1.0
"""Deviation of the first axis that the plane starts from: so close together, continents still get past each other."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The tracks that a projection is fitted to.

    Attributes:
        genres: float (n, g), `Projection.genres` of each.
        numbers: float (n, c).
        likeness: float (n, k), rows whose scalar products say how alike two tracks are.
        artists: int (n,), the first artist of each.
    """

    genres: Tensor
    numbers: Tensor
    likeness: Tensor
    artists: Tensor


def fit_projection(
    network: GenreNetwork, known: Known, targets: Targets, artists: NDArray[np.int64], recipe: Recipe, seed: int
) -> Projection:
    """Fits a projection to a network; the same bits for the same seed.

    Args:
        network: Fitted and calibrated.
        known: Everything that is known of n tracks.
        targets: Their genres and labels.
        artists: int (n,), a number for each track's first artist.
        recipe: How many steps, and how inputs are hidden.
        seed: Decides every chance.
    """
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    prior = torch.log_softmax(network(network.blank(1)).families[0], dim=0).detach()
    projection = Projection(targets.leaf_families, prior, network.numbers.mean, network.numbers.deviation)
    chosen = torch.randperm(len(artists), generator=generator)[:N_TRACKS].sort().values
    crowd = _gather(network, projection, known, targets, torch.from_numpy(artists), chosen, recipe, generator)
    _learn_style(projection, crowd, recipe.n_style_steps, generator)
    _learn_sound(projection, crowd)
    with torch.no_grad():
        embedding = projection.embed(crowd.genres, crowd.numbers)
    _learn_plane(projection, embedding, crowd.artists, recipe.n_plane_steps, generator)
    return projection.eval().requires_grad_(False)


@torch.no_grad()
def _gather(
    network: GenreNetwork,
    projection: Projection,
    known: Known,
    targets: Targets,
    artists: Tensor,
    chosen: Tensor,
    recipe: Recipe,
    generator: torch.Generator,
) -> Crowd:
    genres, numbers = [], []
    for rows in chosen.split(BATCH):
        part = known.rows(rows)
        inputs = hide(everything(part), part.sources, recipe.hiding, generator)
        genres.append(projection.genres(network(inputs)))
        numbers.append(inputs.numbers)
    leaves = nn.functional.normalize(targets.leaves[chosen].sqrt(), dim=1)
    labels = nn.functional.normalize(targets.labels[chosen], dim=1)
    alike = torch.cat([leaves, labels * LABEL_WEIGHT**0.5], dim=1)
    return Crowd(torch.cat(genres), torch.cat(numbers), alike, artists[chosen])


def _learn_style(projection: Projection, crowd: Crowd, n_steps: int, generator: torch.Generator) -> None:
    """Songs that share genres get near each other: cross-entropy between softmaxes of truth and cosine in a batch."""
    optimizer, schedule = _optimizer([projection.style], n_steps, STYLE_RATE)
    for _ in range(n_steps):
        rows = torch.randint(len(crowd.genres), (BATCH_SIZE,), generator=generator)
        style = nn.functional.normalize(projection.style(crowd.genres[rows]), dim=1)
        truth = crowd.likeness[rows] @ crowd.likeness[rows].T
        left_out = crowd.artists[rows].unsqueeze(1) == crowd.artists[rows]
        wanted = torch.softmax((truth / TEMPERATURE).masked_fill(left_out, -1e4), dim=1)
        found = torch.log_softmax((style @ style.T / TEMPERATURE).masked_fill(left_out, -1e4), dim=1)
        _step(-(wanted * found).sum(dim=1).mean(), optimizer, schedule)


@torch.no_grad()
def _learn_sound(projection: Projection, crowd: Crowd) -> None:
    """Ridge regression of the statistics on the style."""
    style = nn.functional.normalize(projection.style(crowd.genres), dim=1)
    heard, known = projection.sound(crowd.numbers)
    one = torch.ones(len(style), 1)
    for column in range(heard.shape[1]):
        x = torch.cat([style, one], dim=1)[known[:, column]]
        y = heard[known[:, column], column]
        weights = torch.linalg.solve(x.T @ x + RIDGE * torch.eye(x.shape[1]), x.T @ y)
        projection.usual_sound.weight[column] = weights[:-1]
        projection.usual_sound.bias[column] = weights[-1]


def _learn_plane(
    projection: Projection, embedding: Tensor, artists: Tensor, n_steps: int, generator: torch.Generator
) -> None:
    """Parametric UMAP with the kernel of t-SNE, started from the first two principal components.

    The start decides how continents lie to each other (Kobak and Linderman 2021); edges then draw neighbours together,
    and pairs drawn by chance drive each other apart.
    """
    _start_from_axes(projection, embedding)
    neighbours, weights = nearest(embedding, artists, min(N_NEIGHBOURS, len(embedding) - 1))
    drawn = torch.multinomial(weights.flatten(), n_steps * BATCH_SIZE, replacement=True, generator=generator)
    optimizer, schedule = _optimizer([projection.axes, projection.bends], n_steps, PLANE_RATE)
    for edges in drawn.split(BATCH_SIZE):
        ends = torch.cat([edges // neighbours.shape[1], neighbours.flatten()[edges]])
        left, right = projection.locate(embedding[ends]).chunk(2)
        attraction = torch.log1p((left - right).square().sum(dim=1)).mean()
        others = torch.randint(len(right), (len(left), N_NEGATIVES), generator=generator)
        apart = (left.unsqueeze(1) - right[others]).square().sum(dim=2)
        repulsion = torch.log((1 + apart) / (apart + 1e-3)).sum(dim=1).mean()
        _step(attraction + repulsion, optimizer, schedule)
    with torch.no_grad():
        points = projection.locate(embedding)
        low, high = points.amin(dim=0), points.amax(dim=0)
        projection.middle.copy_((low + high) / 2)
        projection.extent.copy_(((high - low) / 2).clamp(min=1e-6))


@torch.no_grad()
def _start_from_axes(projection: Projection, embedding: Tensor) -> None:
    mean = embedding.mean(dim=0)
    _, components = torch.linalg.eigh((embedding - mean).T @ (embedding - mean))
    axes = components[:, [-1, -2]].T
    axes = axes * axes.gather(1, axes.abs().argmax(dim=1, keepdim=True)).sign()
    axes = axes * (SPAN / ((embedding - mean) @ axes[0]).std())
    projection.axes.weight.copy_(axes)
    projection.axes.bias.copy_(-axes @ mean)
    for parameter in projection.bends[-1].parameters():
        parameter.zero_()


@torch.no_grad()
def nearest(embedding: Tensor, artists: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Each track's nearest by other artists, and how much each counts: both (n, k).

    The weights are UMAP's (McInnes et al. 2018): 1 for the nearest, falling off so that they sum to log2(k).
    """
    found, cosines = [], []
    for rows in torch.arange(len(embedding)).split(BATCH):
        cosine = embedding[rows] @ embedding.T
        cosine[artists[rows].unsqueeze(1) == artists] = -1
        best = cosine.topk(k, dim=1)
        found.append(best.indices)
        cosines.append(best.values)
    beyond = torch.cat(cosines)
    beyond = beyond[:, :1] - beyond
    low, high = torch.full((len(beyond), 1), 1e-6), torch.full((len(beyond), 1), 4.0)
    target = torch.log2(torch.tensor(float(k)))
    for _ in range(30):
        middle = (low * high).sqrt()
        too_wide = torch.exp(-beyond / middle).sum(dim=1, keepdim=True) > target
        low, high = torch.where(too_wide, low, middle), torch.where(too_wide, middle, high)
    return torch.cat(found), torch.exp(-beyond / high)


def _optimizer(
    parts: list[nn.Module], n_steps: int, rate: float
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    optimizer = torch.optim.AdamW([p for part in parts for p in part.parameters()], lr=rate, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=n_steps)
    return optimizer, schedule


def _step(loss: Tensor, optimizer: torch.optim.Optimizer, schedule: torch.optim.lr_scheduler.LRScheduler) -> None:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
