"""Hard filters are hard, and their counts are true."""

import numpy as np
import pytest

from model.answers import Answerer
from model.contract import Request
from model.schemas import FILTERS
from tests.worlds import World

SEEDS = ["metal004", "folk004", "disco004"]
ALL = 10_000


@pytest.mark.parametrize("attribute", FILTERS)
@pytest.mark.parametrize("share", [0.25, 0.75])
def test_no_track_outside_the_bounds_is_returned(
    answerer: Answerer, world: World, attribute: str, share: float
) -> None:
    values = world.catalog[attribute].astype("float64")
    bound = float(values.quantile(share))
    kept = answerer.answer(Request(seed_track_ids=SEEDS, k=ALL, max_per_artist=0, min={attribute: bound}))
    below = answerer.answer(Request(seed_track_ids=SEEDS, k=ALL, max_per_artist=0, max={attribute: bound}))
    by_id = world.catalog.set_index("track_id")[attribute]
    assert kept.tracks and (by_id[[track.track_id for track in kept.tracks]] >= bound).all()
    assert below.tracks and (by_id[[track.track_id for track in below.tracks]] <= bound).all()


def test_a_bound_equal_to_a_tracks_value_keeps_the_track(answerer: Answerer, world: World) -> None:
    energy = float(str(world.catalog.set_index("track_id")["energy"]["metal020"]))
    answer = answerer.answer(
        Request(seed_track_ids=SEEDS, k=ALL, max_per_artist=0, min={"energy": energy}, max={"energy": energy})
    )
    assert "metal020" in [track.track_id for track in answer.tracks]


def test_counts_are_what_counting_by_hand_gives(answerer: Answerer, world: World) -> None:
    answer = answerer.answer(
        Request(seed_track_ids=SEEDS, min={"energy": 0.5}, max={"tempo": 150}, allow_explicit=False)
    )
    pool = world.catalog[~world.catalog["track_id"].isin(SEEDS)]
    loud = pool[pool["energy"] >= 0.5]
    slow = loud[loud["tempo"] <= 150]
    clean = slow[~slow["explicit"].fillna(False).astype(bool)]
    assert answer.pool.initial == len(pool)
    assert answer.pool.removed == {
        "min.energy": len(pool) - len(loud),
        "max.tempo": len(loud) - len(slow),
        "allow_explicit": len(slow) - len(clean),
    }
    assert answer.pool.after_filtering == len(clean)


def test_a_track_that_may_be_explicit_but_is_not_known_to_be_stays(answerer: Answerer) -> None:
    answer = answerer.answer(Request(seed_track_ids=SEEDS, k=ALL, max_per_artist=0, allow_explicit=False))
    returned = {track.track_id for track in answer.tracks}
    assert "metal002" not in returned and "metal003" in returned


@pytest.mark.parametrize("name", ["metal-artist2", "The Metal 2", "the METAL 2 ", "Guest Star"])
def test_a_never_again_artist_is_gone_by_id_and_by_name(answerer: Answerer, world: World, name: str) -> None:
    answer = answerer.answer(Request(seed_track_ids=SEEDS, k=ALL, max_per_artist=0, exclude_artists=[name]))
    names = [(track.artist_id, *(part.casefold() for part in track.artist.split(", "))) for track in answer.tracks]
    assert names and not any(name.strip().casefold() in entry for entry in names)
    assert answer.pool.removed["exclude_artists"] > 0


def test_a_never_again_track_takes_its_other_versions_with_it(answerer: Answerer) -> None:
    answer = answerer.answer(Request(seed_track_ids=SEEDS, k=ALL, max_per_artist=0, exclude_track_ids=["folk001"]))
    assert not {"folk000", "folk001"} & {track.track_id for track in answer.tracks}
    assert answer.pool.removed == {"exclude_track_ids": 2}


def test_unknown_never_again_ids_remove_nothing(answerer: Answerer) -> None:
    answer = answerer.answer(Request(seed_track_ids=SEEDS, exclude_track_ids=["nope"], exclude_artists=["nobody"]))
    assert answer.pool.removed == {"exclude_track_ids": 0, "exclude_artists": 0}


def test_release_years_can_be_bounded_from_both_sides(answerer: Answerer) -> None:
    answer = answerer.answer(Request(seed_track_ids=SEEDS, min={"release_year": 1970}, max={"release_year": 1980}))
    years = np.array([track.release_year for track in answer.tracks])
    assert len(years) == 20 and years.min() >= 1970 and years.max() <= 1980


def test_part_of_an_artists_name_excludes_nobody(answerer: Answerer) -> None:
    answer = answerer.answer(Request(seed_track_ids=SEEDS, exclude_artists=["The Metal", "Metal 2", "Guest", ", ", ""]))
    assert answer.pool.removed == {"exclude_artists": 0}
