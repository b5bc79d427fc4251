"""Stage two: LightGBM boosters. LambdaMART ranks candidates; a Poisson booster estimates playlist overlap."""

from collections.abc import Sequence
from pathlib import Path

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model.config import TrainConfig
from model.profiles import Float


class Booster:
    """A fitted LightGBM booster that knows the names of its features."""

    def __init__(self, booster: lgb.Booster) -> None:
        """Predictions run on one thread, which is fastest where requests run side by side."""
        self._booster = booster

    @property
    def n_trees(self) -> int:
        """Trees used in a prediction."""
        return int(self._booster.best_iteration if self._booster.best_iteration > 0 else self._booster.num_trees())

    def check(self, names: Sequence[str]) -> None:
        """Raise ArtefactMismatch unless the booster was trained on exactly these features, in this order."""
        trained = self._booster.feature_name()
        if trained != list(names):
            changed = sorted(set(trained) ^ set(names)) or "their order"
            raise ArtefactMismatch(
                f"booster was trained on {len(trained)} features, features.py builds {len(names)}, "
                f"different: {changed}; retrain the model"
            )

    def score(self, features: Float) -> Float:
        """Scores of the rows, float32 (n,). features: (n, n_features)."""
        if not len(features):
            return np.empty(0, np.float32)
        return np.asarray(self._booster.predict(features, num_threads=1), np.float32)

    def contributions(self, features: Float) -> Float:
        """Each feature's share in the score, float32 (n, n_features), without the constant: LightGBM's `pred_contrib`.

        Shapley values of the trees: Lundberg et al., "Consistent individualized feature attribution for tree
        ensembles", 2018.
        """
        shares = self._booster.predict(features, pred_contrib=True, num_threads=1)
        without_constant: Float = np.asarray(shares, np.float32)[:, :-1]
        return without_constant

    def save(self, path: Path) -> None:
        """Write LightGBM's text format, up to the best iteration."""
        self._booster.save_model(path)

    @classmethod
    def load(cls, path: Path) -> "Booster":
        """What `save` wrote."""
        return cls(lgb.Booster(model_file=path))


class ArtefactMismatch(Exception):
    """The artefact was made by other code than that which loads it."""


def fit_overlap(features: Float, overlap: Float, names: Sequence[str], config: TrainConfig) -> Booster:
    """Fit the expected number of tracks in common. features: (n_pairs, n_features).  overlap: (n_pairs,), >= 0."""
    parameters = {
        "objective": "poisson",
        "learning_rate": 0.1,
        "num_leaves": 15,
        "min_data_in_leaf": 200,
        "lambda_l2": 5.0,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        **_common(config),
    }
    data = lgb.Dataset(features, overlap, feature_name=list(names))
    return Booster(lgb.train(parameters, data, config.n_overlap_rounds))


def fit_ranker(
    train: tuple[Float, NDArray[np.int32], NDArray[np.int32]],
    valid: tuple[Float, NDArray[np.int32], NDArray[np.int32]] | None,
    names: Sequence[str],
    config: TrainConfig,
    title: str,
) -> Booster:
    """Fit LambdaMART: Burges, "From RankNet to LambdaRank to LambdaMART", MSR-TR-2010-82.

    train, valid: features (n, n_features), relevance labels (n,), groups (n_queries,).  Stops early on the NDCG@500 of
    valid, but not before `fewest_rounds`.  Raises ModelFitError if the booster gives every candidate the same score.
    """
    parameters = {
        "objective": "lambdarank",
        "metric": "ndcg",
        "eval_at": [500],
        "lambdarank_truncation_level": 100,
        "learning_rate": config.learning_rate,
        "num_leaves": config.n_leaves,
        "min_data_in_leaf": config.min_leaf,
        "lambda_l2": 5.0,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        **_common(config),
    }
    data = lgb.Dataset(train[0], train[1], group=train[2], feature_name=list(names))
    with tqdm(total=config.n_rounds, desc=title, unit="tree", mininterval=2) as bar:
        callbacks = [lambda _: bar.update()]
        watched = []
        if valid is not None:
            watched = [lgb.Dataset(valid[0], valid[1], group=valid[2], reference=data)]
            patience = max(config.patience, config.fewest_rounds)
            callbacks.append(lgb.early_stopping(patience, verbose=False))
        booster = lgb.train(
            parameters,
            data,
            config.n_rounds,
            valid_sets=watched,
            callbacks=callbacks,
            keep_training_booster=True,  # else only the trees up to the jury's best are left
        )
    n_trees = max(booster.best_iteration, config.fewest_rounds) if booster.best_iteration > 0 else booster.num_trees()
    fitted = Booster(lgb.Booster(model_str=booster.model_to_string(num_iteration=n_trees)))
    if len(np.unique(fitted.score(train[0][:10_000]))) < 2:
        raise ModelFitError(
            f"the {title} scores all candidates alike: there is too little to learn from "
            f"({int(train[1].sum())} relevant tracks in {len(train[2])} queries)"
        )
    return fitted


class ModelFitError(Exception):
    """Training gave a model that cannot rank."""


def _common(config: TrainConfig) -> dict[str, object]:
    return {"seed": config.seed, "deterministic": True, "force_row_wise": True, "max_bin": 127, "verbose": -1}
