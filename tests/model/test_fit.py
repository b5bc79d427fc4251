"""Training: what it may learn, what it must not, and that it can be repeated."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from model.config import TrainConfig
from model.experiment import measure
from model.fit import Groups, _add_groups, _cross_fit, _rankers, fit
from model.knowledge import learn
from model.labels import lists_of
from model.phrases import FEATURES
from model.ranker import ModelFitError, fit_ranker
from model.recommender import Query, Recommender
from model.report import figures_of
from model.schemas import AUDIO_FEATURES, PLAYLISTS, check
from model.splits import REGIMES, Items, Regime, Task, sample, split
from model.tables import Tables
from tests.worlds import World, three_genres

SMALL = TrainConfig(n_folds=2, train_seeds=(5, 3, 1), n_rounds=30, n_overlap_rounds=10, min_leaf=20)


@pytest.fixture(scope="module")
def disjoint() -> World:
    """Playlists of 20 tracks each, which share none: to a careless evaluation, "in no playlist yet" is the answer.

    Sound, artists and dates say nothing about which playlist a track stands in.
    """
    world = three_genres(n_per_genre=480)
    rng = np.random.default_rng(5)
    catalog = world.catalog.assign(canonical_id=world.catalog["track_id"])
    for name in (*AUDIO_FEATURES, "popularity", "release_year"):
        catalog[name] = rng.permutation(catalog[name].to_numpy())
    catalog["release_date"] = None
    for name in ("artist_id", "album_id"):
        catalog[name] = [f"{name}{i}" for i in range(len(catalog))]
    order = rng.permutation(catalog["track_id"].to_numpy())[:1400]
    playlists = pd.DataFrame(
        {
            "playlist_id": [f"playlist{i // 20:03d}" for i in range(1400)],
            "position": [i % 20 for i in range(1400)],
            "track_id": order,
        }
    )
    return World(catalog, check(playlists, PLAYLISTS), world.genre)


def test_standing_in_no_known_playlist_is_worth_nothing(disjoint: World) -> None:
    recommender, _ = fit(disjoint.catalog, disjoint.playlists, SMALL)
    figures = figures_of(measure(Tables(disjoint.catalog, disjoint.playlists), {"challenger": recommender}))
    # With both kinds of candidates in one pool, the mark alone lifts a ranker to more than four times chance here.
    assert figures["cold"]["challenger"]["r_precision"] < 2 * figures["cold"]["random"]["r_precision"]
    assert "challenger" not in figures["warm"]


def test_a_planted_mark_of_the_unseen_gains_nothing() -> None:
    rng = np.random.default_rng(0)
    groups: dict[Regime, Groups] = {"warm": Groups(), "cold": Groups()}
    for _ in range(40):
        for regime in REGIMES:
            features = rng.standard_normal((60, len(FEATURES))).astype(np.float32)
            labels = (features[:, 0] + rng.standard_normal(60) > 1).astype(np.int32)
            features[:, 1] = regime == "cold"  # the mark, as each regime's groups hold it
            groups[regime].features.append(features)
            groups[regime].labels.append(labels)
    rankers, _, _ = _rankers(groups, groups, SMALL)
    for ranker in rankers.values():
        shares = np.abs(ranker.contributions(groups["cold"].features[0])).mean(axis=0)
        assert shares[1] == 0
        assert shares[0] > 0


def test_a_training_querys_features_are_those_of_the_whole_list(world: World) -> None:
    lists = lists_of(world.catalog, world.playlists, SMALL)
    knowledge = learn(lists.tracks, lists.queried[1:], lists.queried[1:], SMALL)
    task = Task(0, lists.queried[0][:5], np.sort(lists.queried[0][5:]))
    everything = np.ones(len(lists.tracks), bool)
    groups: dict[Regime, Groups] = {"warm": Groups(), "cold": Groups()}
    _add_groups(groups, [task], knowledge, None, everything, SMALL, n_negatives=5)
    (features,), (labels,) = groups["warm"].features, groups["warm"].labels
    assert (labels == 0).sum() == 5
    assert features[:, FEATURES.index("retrieval_rank")].max() > len(labels)


def test_a_noisy_jury_does_not_stop_a_ranker_before_its_fewest_rounds() -> None:
    rng = np.random.default_rng(0)
    features = rng.standard_normal((2000, 3)).astype(np.float32)
    labels = (features[:, 0] + rng.standard_normal(2000) > 1).astype(np.int32)
    groups = np.full(40, 50, np.int32)
    config = replace(SMALL, n_rounds=60, patience=2, fewest_rounds=25)
    misled = (-features, labels, groups)  # to the jury, every tree makes it worse
    ranker = fit_ranker((features, labels, groups), misled, ("a", "b", "c"), config, "ranker")
    assert ranker.n_trees == 25


def test_training_again_gives_the_same_recommendations(world: World, recommender: Recommender) -> None:
    again, _ = fit(world.catalog, world.playlists, recommender.config)
    for row in (3, 50, 100):
        one, two = recommender.rank(Query(np.array([row]))), again.rank(Query(np.array([row])))
        assert one.rows.tolist() == two.rows.tolist()
        assert one.scores.tolist() == two.scores.tolist()


def test_no_label_comes_from_a_test_playlist(world: World) -> None:
    """The test playlists may swap all their tracks, and the boosters stay what they were."""
    lists = lists_of(world.catalog, world.playlists, SMALL)
    cut = split(lists.names, SMALL.seed)
    tested = [lists.names[i] for i in cut.test]
    swapped = dict(zip(tested, [*tested[1:], tested[0]], strict=True))
    other = world.playlists.assign(playlist_id=world.playlists["playlist_id"].replace(swapped))
    full, _ = fit(world.catalog, world.playlists, SMALL)
    less, _ = fit(world.catalog, other, SMALL)
    features = np.random.default_rng(0).standard_normal((50, len(FEATURES))).astype(np.float32)
    assert (
        full.boosters.rankers["warm"].score(features).tolist() == less.boosters.rankers["warm"].score(features).tolist()
    )


def test_without_playlists_it_learns_from_albums_and_artists() -> None:
    world = three_genres(n_per_genre=200)
    works = world.catalog.assign(artist_id=[f"artist{i // 20}" for i in range(len(world.catalog))])
    nothing = world.playlists.iloc[:0]
    recommender, figures = fit(works, nothing, SMALL)
    assert figures["labels"] == "albums and artists"
    seed = works["track_id"].tolist().index("disco007")
    top = works["track_id"].iloc[recommender.rank(Query(np.array([seed]))).rows[:10]]
    assert [world.genre[track_id] for track_id in top].count("disco") >= 8


def test_playlists_may_name_tracks_outside_the_catalog(world: World) -> None:
    stranger = world.playlists.assign(track_id=world.playlists["track_id"].where(world.playlists.index % 5 != 0, "?"))
    stranger = stranger.drop_duplicates(["playlist_id", "track_id"]).reset_index(drop=True)
    longer = pd.concat([world.playlists, stranger.assign(playlist_id="more-" + stranger["playlist_id"])])
    recommender, _ = fit(world.catalog, longer.reset_index(drop=True), SMALL)
    assert len(recommender.rank(Query(np.array([0]))).rows)


def test_too_little_to_learn_from_is_said_in_a_sentence(world: World) -> None:
    few = world.catalog.iloc[:30].reset_index(drop=True)
    with pytest.raises(ModelFitError, match="too few to learn from"):
        fit(few, world.playlists.iloc[:0], replace(SMALL, n_folds=5))


@pytest.mark.parametrize(("max_queries", "sizes"), [(3000, [21, 21]), (90, [15, 15]), (30, [5, 5])])
def test_no_playlist_is_asked_with_knowledge_of_itself(world: World, max_queries: int, sizes: list[int]) -> None:
    config = replace(SMALL, max_queries=max_queries)
    lists = lists_of(world.catalog, world.playlists, config)
    train = np.arange(42)
    pieces, knowledge_for = _cross_fit(lists, train, config)
    assert [len(piece) for piece in pieces] == sizes

    def identity(items: Items) -> tuple[int, ...]:
        return tuple(np.sort(items).tolist())

    for at, piece in enumerate(pieces):
        members = knowledge_for(at).colisten.members
        known = {identity(row) for row in np.split(members.indices.astype(np.int64), members.indptr[1:-1])}
        assert len(known) == 21
        assert known.isdisjoint({identity(lists.queried[playlist]) for playlist in piece})


def test_a_sample_of_the_playlists_still_teaches_the_genres(world: World) -> None:
    recommender, figures = fit(world.catalog, world.playlists, replace(SMALL, max_queries=30))
    assert figures["warm_training_queries"] == 30
    assert len(recommender.knowledge.colisten.sizes) == 60  # knowledge is of all
    ids = world.catalog["track_id"]
    top = ids.iloc[recommender.rank(Query(np.array([ids.tolist().index("disco007")]))).rows[:10]]
    assert [world.genre[track_id] for track_id in top].count("disco") >= 8


def test_a_sample_is_seeded_ascending_and_the_whole_where_that_is_small() -> None:
    playlists = np.arange(100, 200)
    assert sample(playlists, 100, seed=0) is playlists
    some = sample(playlists, 20, seed=0)
    assert some.tolist() == sorted(set(some.tolist()) & set(playlists.tolist()))
    assert len(some) == 20
    assert some.tolist() == sample(playlists, 20, seed=0).tolist() != sample(playlists, 20, seed=1).tolist()
