"""Hyper-parameters of training. The values are what did best on the validation playlists of the public data set."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainConfig:
    """Saved inside the artefact; the defaults are the documentation."""

    seed: int = 0
    """Of every random choice: the split, the draws, the boosters."""
    n_folds: int = 5
    """For cross-fitting: a training query is built with the knowledge of the other folds."""
    style_dims: int = 64
    """Directions kept by the style metric."""
    style_shrinkage: float = 0.1
    """Share of the diagonal in the covariance that the style metric is whitened with."""
    artist_dims: int = 64
    """Length of artist co-listen vectors."""
    n_candidates: int = 1000
    """How many candidates retrieval hands to the ranker."""
    train_seeds: tuple[int, ...] = (5, 5, 3, 10, 1, 5)
    """Training queries drawn from each playlist, by number of seeds."""
    max_queries: int = 3000
    """About so many training queries, and a fifth as many validation queries: more playlists than give these are
    sampled. Their knowledge is used in full."""
    n_negatives: int = 200
    """Irrelevant candidates kept in a training group; they are drawn at random from the retrieved ones."""
    n_rounds: int = 300
    """At most so many trees a ranker; early stopping on the validation playlists ends it sooner."""
    learning_rate: float = 0.1
    """Of the rankers."""
    n_leaves: int = 31
    """Of a ranker's tree."""
    min_leaf: int = 200
    """Fewest training rows in a leaf."""
    patience: int = 30
    """Rounds without a better NDCG@500 on the validation playlists before a ranker stops."""
    fewest_rounds: int = 100
    """Trees that a ranker has in any case: a few dozen playlists are too noisy a jury to stop it sooner."""
    n_overlap_rounds: int = 150
    """Trees of the booster that estimates playlist overlap."""
