"""Steps down the loss, and the average of the weights on the way."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from cratewise.model.recipe import Recipe

WARM_UP = 0.1
"""Share of the steps in which the learning rate rises; more where there are so few that it would not be two."""


class Descent:
    """One-cycle descent (Smith and Topin 2019) of weights, which are averaged, and tables, each at a rate of its own.

    A row of a table is in few batches, and at the rate of the weights it is far from learnt when the cycle ends.
    """

    def __init__(
        self, weights: list[nn.Parameter], tables: Mapping[nn.Parameter, float], recipe: Recipe, n_steps: int
    ) -> None:
        self.weights = weights
        self.average = Average(weights, recipe.average_decay)
        self._optimizers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(weights, lr=recipe.learning_rate, weight_decay=recipe.weight_decay),
            *(torch.optim.SparseAdam([table], lr=rate) for table, rate in tables.items()),
        ]
        rates = (recipe.learning_rate, *tables.values())
        warm_up = max(WARM_UP, 1.5 / n_steps)
        self._schedules = [
            torch.optim.lr_scheduler.OneCycleLR(o, rate, total_steps=n_steps, pct_start=warm_up, cycle_momentum=False)
            for o, rate in zip(self._optimizers, rates, strict=True)
        ]

    def step(self, loss: Tensor) -> float:
        """Goes one step down; returns the loss."""
        for optimizer in self._optimizers:
            optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.weights, 1.0)
        for optimizer, schedule in zip(self._optimizers, self._schedules, strict=True):
            optimizer.step()
            schedule.step()
        self.average.update()
        return float(loss.detach())


class Average:
    """Exponential moving average of parameters over the steps (Polyak and Juditsky 1992)."""

    def __init__(self, parameters: list[nn.Parameter], decay: float) -> None:
        self.parameters = parameters
        self.decay = decay
        self.n_steps = 0
        self.means = [p.detach().clone() for p in parameters]

    @torch.no_grad()
    def update(self) -> None:
        """Takes the parameters after a step in; the first steps weigh as in a plain mean."""
        self.n_steps += 1
        share = max(1 - self.decay, 1 / self.n_steps)
        torch._foreach_lerp_(self.means, [*self.parameters], share)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The parameters are the average within, and what they were after."""
        current = [p.detach().clone() for p in self.parameters]
        self.keep()
        try:
            yield
        finally:
            self._set(current)

    def keep(self) -> None:
        """Makes the average the parameters."""
        self._set(self.means)

    @torch.no_grad()
    def _set(self, values: list[Tensor]) -> None:
        for parameter, value in zip(self.parameters, values, strict=True):
            parameter.copy_(value)
