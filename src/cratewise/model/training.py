"""Fitting the network: epochs of hidden inputs, averaged weights, and a specialist for numbers alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cratewise.model.features import FloatArray
from cratewise.model.masking import hide, hide_popularity
from cratewise.model.network import GenreNetwork, Inputs, Outputs
from cratewise.model.optimisation import Descent
from cratewise.model.recipe import Recipe
from cratewise.model.specialist import Specialist


@dataclass(frozen=True, slots=True)
class Targets:
    """What the network should answer.

    Attributes:
        labels: float (n, l), rows sum to 1.
        leaves: float (n, s + f), share of each style and of each family's "no style in particular"; a row of zeros
            where nothing is known.
        leaf_families: int (s + f,), the family of each leaf.
    """

    labels: Tensor
    leaves: Tensor
    leaf_families: Tensor


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a network is fitted to: the tracks of a corpus, then rows that know a single thing.

    Attributes:
        inputs: Inputs of all rows.
        sources: uint8 (n, t), sources of their tag tokens.
        targets: What to answer; these further rows have no labels.
    """

    inputs: Inputs
    sources: Tensor
    targets: Targets

    def with_rows(
        self, leaves: FloatArray, sources: NDArray[np.uint8] | None = None, **known: NDArray[Any]
    ) -> "Lessons":
        """Appends n rows of which nothing but the `known` inputs is there.

        Args:
            leaves: float32 (n, s + f), what to answer.
            sources: uint8 (n, t), sources of the tag tokens, if these are known.
            known: Inputs by name.
        """
        n = len(leaves)

        def longer(array: Tensor, rows: NDArray[Any] | None, fill: float = 0) -> Tensor:
            if rows is not None:
                return torch.cat([array, torch.from_numpy(rows)])
            return torch.cat([array, torch.full((n, array.shape[1]), fill, dtype=array.dtype)])

        fills = {"numbers": torch.nan}
        extended = {
            name: longer(array, known.get(name), fills.get(name, 0)) for name, array in self.inputs._asdict().items()
        }
        targets = Targets(
            longer(self.targets.labels, None), longer(self.targets.leaves, leaves), self.targets.leaf_families
        )
        return Lessons(Inputs(**extended), longer(self.sources, sources), targets)


def genre_log_probabilities(outputs: Outputs, leaf_families: Tensor) -> tuple[Tensor, Tensor]:
    """Log-probabilities of families (n, f) and leaves (n, s + f); a leaf's never exceeds its family's."""
    families = torch.log_softmax(outputs.families, dim=1)
    return families, families[:, leaf_families] + within_family(outputs.styles, leaf_families, families.shape[1])


def within_family(logits: Tensor, leaf_families: Tensor, n_families: int) -> Tensor:
    """Log-probability of each leaf given its family (n, s + f)."""
    member = nn.functional.one_hot(leaf_families, n_families).to(logits.dtype)
    shifted = logits.clamp(-30, 30)
    totals = torch.log(torch.exp(shifted) @ member)
    return shifted - totals[:, leaf_families]


def smoothed(labels: Tensor, smoothing: float) -> Tensor:
    """Takes a share of each row's weight and spreads it over all labels (Szegedy et al. 2016)."""
    return labels * (1 - smoothing) + labels.sum(dim=1, keepdim=True) * smoothing / labels.shape[1]


def loss_of(network: GenreNetwork, outputs: Outputs, targets: Targets, recipe: Recipe) -> Tensor:
    """Cross-entropy of labels, of genres, and of each expert alone on families."""
    wanted = smoothed(targets.labels, recipe.label_smoothing)
    label_loss = -(wanted * torch.log_softmax(outputs.labels, dim=1)).sum(dim=1).mean()
    _, leaves = genre_log_probabilities(outputs, targets.leaf_families)
    present = (outputs.experts != 0).any(dim=2)
    genre_loss = -((targets.leaves * leaves).sum(dim=1) * present.any(dim=1)).mean()
    families = torch.zeros(len(targets.leaves), outputs.families.shape[1])
    families.index_add_(1, targets.leaf_families, targets.leaves)
    bias = network.genre_bias[: outputs.families.shape[1]]
    alone = torch.log_softmax(outputs.experts[:, :, : outputs.families.shape[1]] + bias, dim=2)
    expert_loss = -((families.unsqueeze(1) * alone).sum(dim=2) * present).sum(dim=1).mean()
    return label_loss + recipe.genre_weight * genre_loss + recipe.expert_weight * expert_loss


def standardise(network: GenreNetwork, numbers: Tensor) -> None:
    """Sets means, deviations and bins of the numbers from the fitted rows."""
    values = numbers.numpy().copy()
    values[:, np.isnan(values).all(axis=0)] = 0  # a number that nobody has
    mean = torch.from_numpy(np.nanmean(values, axis=0, dtype=np.float64).astype(np.float32))
    deviation = torch.from_numpy(np.nanstd(values, axis=0, dtype=np.float64).astype(np.float32)).clamp(min=1e-3)
    for part in (network.numbers, network.sound, network.specialist.waves):
        n_columns = len(part.mean)
        part.mean.copy_(mean[:n_columns])
        part.deviation.copy_(deviation[:n_columns])
    network.specialist.bins.set_edges(torch.from_numpy(values))


@contextmanager
def fast_products() -> Iterator[None]:
    """Lets matrix products round their factors to bfloat16 where the processor has instructions for it."""
    backends: Any = torch.backends.mkldnn  # whose types lack `matmul`
    products = backends.matmul
    before = products.fp32_precision
    products.fp32_precision = "bf16"
    try:
        yield
    finally:
        products.fp32_precision = before


def fit(
    network: GenreNetwork,
    lessons: Lessons,
    rows: NDArray[np.int64],
    others: NDArray[np.int64],
    recipe: Recipe,
    seed: int,
    after_epoch: Callable[[int, float, GenreNetwork], None],
    progress: Callable[[int, int], None],
) -> None:
    """Fits the network to `rows`, and to a sample of the `others` beside them in each epoch.

    Args:
        network: What is fitted, in place; it ends as the average of its last steps.
        lessons: All rows, and what to answer to them.
        rows: Tracks of the training part.
        others: Rows that know a single thing, such as artists with nothing but tags.
        recipe: How.
        seed: Decides every chance.
        after_epoch: Called with the epoch, its mean loss and the averaged network.
        progress: Called with the steps done and all steps.
    """
    inputs, sources, targets = lessons.inputs, lessons.sources, lessons.targets
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    standardise(network, inputs.numbers[rows])
    network.label_prior.copy_(targets.labels[rows].mean(dim=0).clamp(min=1e-5))
    n_others = min(len(others), int(recipe.others_share * len(rows)))
    n_batches = (len(rows) + n_others) // recipe.batch_size
    n_steps = recipe.n_epochs * n_batches
    n_all_steps = n_steps + recipe.n_specialist_epochs * (len(rows) // recipe.batch_size)
    tables = {network.tag_bag.table: recipe.tag_rate, network.name_bag.table: recipe.name_rate}
    apart = (network.specialist, network.confidence, network.genre_temperature)
    elsewhere = {*tables, *(p for part in apart for p in part.parameters())}
    descent = Descent([p for p in network.parameters() if p not in elsewhere], tables, recipe, n_steps)
    fitted, further = torch.from_numpy(rows), torch.from_numpy(others)
    with fast_products():
        for epoch in range(recipe.n_epochs):
            network.train()
            drawn = further[torch.randperm(len(further), generator=generator)[:n_others]]
            epoch_rows = torch.cat([fitted, drawn])
            order = epoch_rows[torch.randperm(len(epoch_rows), generator=generator)]
            total = 0.0
            for batch in order.split(recipe.batch_size)[:n_batches]:
                hidden = hide(inputs.rows(batch), sources[batch], recipe.hiding, generator)
                part = Targets(targets.labels[batch], targets.leaves[batch], targets.leaf_families)
                total += descent.step(loss_of(network, network(hidden), part, recipe))
                progress(descent.average.n_steps, n_all_steps)
            with descent.average.applied():
                after_epoch(epoch, total / n_batches, network.eval())
        descent.average.keep()
        numbers, labels = inputs.numbers[fitted], targets.labels[fitted]
        _fit_specialist(
            network.specialist.train(), numbers, labels, recipe, generator, lambda n: progress(n_steps + n, n_all_steps)
        )
    network.eval()


def _fit_specialist(
    specialist: Specialist,
    numbers: Tensor,
    labels: Tensor,
    recipe: Recipe,
    generator: torch.Generator,
    progress: Callable[[int], None],
) -> None:
    """Fits what answers where nothing but numbers is known: each member by itself, popularity hidden now and then."""
    n_batches = len(numbers) // recipe.batch_size
    descent = Descent(list(specialist.parameters()), {}, recipe, recipe.n_specialist_epochs * n_batches)
    for _ in range(recipe.n_specialist_epochs):
        order = torch.randperm(len(numbers), generator=generator)
        for batch in order.split(recipe.batch_size)[:n_batches]:
            seen = hide_popularity(numbers[batch], recipe.hiding.popularity_alone, generator)
            wanted = smoothed(labels[batch], recipe.label_smoothing)
            descent.step(-(wanted * torch.log_softmax(specialist(seen), dim=2)).sum(dim=2).mean())
            progress(descent.average.n_steps)
    descent.average.keep()
