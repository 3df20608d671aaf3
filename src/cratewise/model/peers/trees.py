"""Forests and boosted trees on the dense encoding.

They learn one label a case, so each track stands there once for each of its labels, with a weight of 1 in all: the
same loss as cross-entropy against labels that share a track's weight, which is what the network minimises.
Sizes are set with two cores in mind; none was looked for on the test part.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from scipy.special import softmax

from cratewise.model.features import FloatArray
from cratewise.model.peers.part import Classes, Part, Predictor, Steps


@dataclass(frozen=True, slots=True)
class RandomForest:
    """scikit-learn's random forest (Breiman 2001); it reads absent numbers as they are."""

    name: ClassVar[str] = "random-forest"
    title: ClassVar[str] = "random forest"
    n_trees: int = 100
    min_samples_leaf: int = 4
    feature_share: float | str = "sqrt"
    row_share: float = 0.5

    def fit(self, train: Part, validation: Part, seed: int, steps: Steps) -> Predictor:
        """Grows the trees; nothing is chosen on the validation part."""
        from sklearn.ensemble import RandomForestClassifier

        classes = Classes.of(train)
        cases = classes.cases(train)
        forest = RandomForestClassifier(
            self.n_trees,
            min_samples_leaf=self.min_samples_leaf,
            max_features=self.feature_share,
            max_samples=self.row_share,
            n_jobs=torch.get_num_threads(),
            random_state=seed,
        )
        told_apart = np.nanmax(train.dense, axis=0) > np.nanmin(train.dense, axis=0)  # others would be drawn in vain
        forest.fit(train.dense[:, told_apart][cases.rows], cases.classes, sample_weight=cases.weights)
        return lambda part: classes.spread(forest.predict_proba(part.dense[:, told_apart]))


@dataclass(frozen=True, slots=True)
class LightGBM:
    """LightGBM (Ke et al. 2017), from the logits on; stopped early by the validation part's log-loss."""

    name: ClassVar[str] = "lightgbm"
    title: ClassVar[str] = "LightGBM"
    n_rounds: int = 150
    patience: int = 5
    learning_rate: float = 0.1
    n_leaves: int = 15
    min_rows_in_leaf: int = 20
    least_hessian: float = 1.0
    l2: float = 1.0
    feature_share: float = 0.2
    row_share: float = 0.5
    n_bins: int = 31

    def fit(self, train: Part, validation: Part, seed: int, steps: Steps) -> Predictor:
        """Boosts one tree a label and round."""
        import lightgbm

        classes = Classes.of(train)
        settings: dict[str, Any] = {
            "objective": "multiclass",
            "num_class": len(classes),
            "metric": "multi_logloss",
            "learning_rate": self.learning_rate,
            "num_leaves": self.n_leaves,
            "min_data_in_leaf": self.min_rows_in_leaf,
            "min_sum_hessian_in_leaf": self.least_hessian,
            "lambda_l2": self.l2,
            "feature_fraction": self.feature_share if train.columns.shape[1] > 50 else 1.0,
            "bagging_fraction": self.row_share,
            "bagging_freq": 1,
            "max_bin": self.n_bins,
            "num_threads": torch.get_num_threads(),
            "seed": seed,
            "deterministic": True,
            "force_col_wise": True,
            "verbosity": -1,
        }

        def data(part: Part, binned_as: Any = None) -> Any:
            cases = classes.cases(part)
            x, start = part.columns[cases.rows], classes.logits(part)[cases.rows]
            return lightgbm.Dataset(x, cases.classes, binned_as, cases.weights, init_score=start, params=settings)

        known = data(train)
        booster = lightgbm.train(
            settings,
            known,
            self.n_rounds,
            valid_sets=[data(validation, known)],
            callbacks=[
                lightgbm.early_stopping(self.patience, verbose=False),
                lambda environment: steps(environment.iteration + 1, self.n_rounds),
            ],
        )

        def predict(part: Part) -> FloatArray:
            gained = np.asarray(booster.predict(part.columns, raw_score=True))
            return classes.spread(softmax(classes.logits(part) + gained, axis=1))

        return predict


@dataclass(frozen=True, slots=True)
class CatBoost:
    """CatBoost (Prokhorenkova et al. 2018), from the logits on; stopped early by the validation part's log-loss."""

    name: ClassVar[str] = "catboost"
    title: ClassVar[str] = "CatBoost"
    n_rounds: int = 100
    patience: int = 8
    learning_rate: float = 0.3
    depth: int = 4
    feature_share: float = 0.3
    row_share: float = 0.2
    n_bins: int = 32

    def fit(self, train: Part, validation: Part, seed: int, steps: Steps) -> Predictor:
        """Boosts one symmetric tree for all labels a round."""
        import catboost

        classes = Classes.of(train)

        class Told:
            """Passes the round on."""

            def after_iteration(self, info: Any) -> bool:
                steps(info.iteration, n_rounds)
                return True

        n_rounds = self.n_rounds
        model = catboost.CatBoostClassifier(
            iterations=self.n_rounds,
            learning_rate=self.learning_rate,
            depth=self.depth,
            loss_function="MultiClass",
            classes_count=len(classes),
            rsm=self.feature_share if train.columns.shape[1] > 50 else 1.0,
            bootstrap_type="Bernoulli",
            subsample=self.row_share,
            border_count=self.n_bins,
            leaf_estimation_method="Newton",
            sampling_frequency="PerTree",
            boosting_type="Plain",
            thread_count=torch.get_num_threads(),
            random_seed=seed,
            allow_writing_files=False,
            verbose=False,
        )

        def data(part: Part) -> Any:
            cases = classes.cases(part)
            x, start = part.columns[cases.rows], classes.logits(part)[cases.rows]
            return catboost.Pool(x, cases.classes, weight=cases.weights, baseline=start)

        model.fit(
            data(train),
            eval_set=data(validation),
            early_stopping_rounds=self.patience,
            use_best_model=True,
            callbacks=[Told()],
        )

        def predict(part: Part) -> FloatArray:
            gained = model.predict(part.columns, prediction_type="RawFormulaVal")
            return classes.spread(softmax(classes.logits(part) + gained, axis=1))

        return predict
