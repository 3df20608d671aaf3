"""Networks for tables, on the dense encoding: a plain perceptron, and TabM."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cratewise.model.features import FloatArray
from cratewise.model.peers.evidence import label_shares
from cratewise.model.peers.part import Classes, Part, Predictor, Steps

BATCH = 2048


@dataclass(frozen=True, slots=True)
class Scale:
    """Standardises columns, puts 0 where a number is absent, and says so in a column of its own.

    Attributes:
        mean: float32 (d,), of the training part.
        deviation: float32 (d,), likewise, above 0.
        gaps: int (g,), columns that lack numbers somewhere in the training part.
    """

    mean: FloatArray
    deviation: FloatArray
    gaps: NDArray[np.int64]

    @classmethod
    def fitted(cls, dense: FloatArray) -> Self:
        """Measures the training part's columns (n, d)."""
        mean = np.asarray(np.nanmean(dense, axis=0, dtype=np.float64), dtype=np.float32)
        deviation = np.asarray(np.nanstd(dense, axis=0, dtype=np.float64), dtype=np.float32)
        gaps = np.flatnonzero(np.isnan(dense).any(axis=0)).astype(np.int64)
        return cls(mean, np.maximum(deviation, 1e-3), gaps)

    def of(self, dense: FloatArray) -> FloatArray:
        """Scaled columns, float32 (n, d + g), at most 10 deviations off."""
        scaled = np.nan_to_num((dense - self.mean) / self.deviation).clip(-10, 10)
        return np.concatenate([scaled, np.isnan(dense[:, self.gaps])], axis=1, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Perceptron:
    """A plain perceptron: two hidden layers, dropout, AdamW, all of a track's labels at once.

    The epoch with the lowest log-loss on the validation part is kept.
    """

    name: ClassVar[str] = "mlp"
    title: ClassVar[str] = "plain MLP"
    n_epochs: int = 40
    patience: int = 4
    batch_size: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    dropout: float = 0.3
    width: int = 512

    def fit(self, train: Part, validation: Part, seed: int, steps: Steps) -> Predictor:
        """Fits by cross-entropy against labels that share a track's weight."""
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        scale = Scale.fitted(train.dense)
        x, y = torch.from_numpy(scale.of(train.dense)), torch.from_numpy(label_shares(train.labels))
        seen = (torch.from_numpy(scale.of(validation.dense)), torch.from_numpy(label_shares(validation.labels)))
        network = self._network(x.shape[1], y.shape[1])
        optimizer = torch.optim.AdamW(network.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay)
        best, kept, waited = float("inf"), _state(network), 0
        for epoch in range(self.n_epochs):
            network.train()
            for batch in torch.randperm(len(x), generator=generator).split(self.batch_size):
                optimizer.zero_grad()
                nn.functional.cross_entropy(network(x[batch]), y[batch]).backward()
                optimizer.step()
            loss = float(nn.functional.cross_entropy(_logits(network, seen[0]), seen[1]))
            steps(epoch + 1, self.n_epochs)
            if loss < best:
                best, kept, waited = loss, _state(network), 0
            elif (waited := waited + 1) > self.patience:
                break
        network.load_state_dict(kept)
        return lambda part: torch.softmax(_logits(network, torch.from_numpy(scale.of(part.dense))), dim=1).numpy()

    def _network(self, n_columns: int, n_labels: int) -> nn.Module:
        layers: list[nn.Module] = []
        for n_inputs in (n_columns, self.width):
            layers += [nn.Linear(n_inputs, self.width), nn.ReLU(), nn.Dropout(self.dropout)]
        return nn.Sequential(*layers, nn.Linear(self.width, n_labels))


@dataclass(frozen=True, slots=True)
class TabM:
    """TabM (Gorishniy et al. 2025) of `pytabkit`: perceptrons that share most of their weights and vote.

    It learns one label a case and knows no weights, so each track stands there once for each of its labels. It is
    smaller than its authors' default (32 members of width 512, each with batches of its own) so that a fit ends within
    minutes on two cores.
    """

    name: ClassVar[str] = "tabm"
    title: ClassVar[str] = "TabM"
    n_epochs: int = 20
    patience: int = 4
    batch_size: int = 512
    learning_rate: float = 2e-3
    weight_decay: float = 3e-4
    dropout: float = 0.2
    architecture: str = "tabm-mini"
    n_members: int = 8
    n_layers: int = 2
    width: int = 256

    def fit(self, train: Part, validation: Part, seed: int, steps: Steps) -> Predictor:
        """Fits by each member's cross-entropy; the epoch with the fewest misses on the validation part is kept."""
        from pytabkit import TabM_D_Classifier

        classes = Classes.of(train)
        scale = Scale.fitted(train.dense)
        own, others = classes.cases(train), classes.cases(validation)
        model = TabM_D_Classifier(
            device="cpu",
            random_state=seed,
            n_threads=torch.get_num_threads(),
            n_epochs=self.n_epochs,
            patience=self.patience,
            batch_size=self.batch_size,
            lr=self.learning_rate,
            weight_decay=self.weight_decay,
            dropout=self.dropout,
            arch_type=self.architecture,
            tabm_k=self.n_members,
            n_blocks=self.n_layers,
            d_block=self.width,
            share_training_batches=True,
            tfms=[],
            val_metric_name="class_error",
        )
        model.fit(scale.of(train.dense)[own.rows], own.classes, scale.of(validation.dense)[others.rows], others.classes)
        return lambda part: classes.spread(model.predict_proba(scale.of(part.dense)))


@torch.no_grad()
def _logits(network: nn.Module, x: Tensor) -> Tensor:
    network.eval()
    return torch.cat([network(batch) for batch in x.split(BATCH)])


def _state(network: nn.Module) -> dict[str, Tensor]:
    return {name: values.clone() for name, values in network.state_dict().items()}
