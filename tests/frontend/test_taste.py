import pytest

from frontend import taste as tastes
from frontend.answers import Track
from frontend.taste import SEEDS_MAX, Taste

A, B, C = (Track(name, f"Title {name}", f"Artist {name}") for name in "abc")


def test_a_track_stands_in_one_place_only() -> None:
    taste = tastes.put(tastes.put(Taste(), "disliked", A), "liked", A)
    assert taste.liked == (A,)
    assert taste.disliked == ()


def test_a_seed_is_added_once() -> None:
    assert tastes.put(Taste(), "seeds", A, B, A).seeds == (A, B)


def test_a_full_set_takes_no_more_seeds() -> None:
    many = [Track(str(i), "t", "a") for i in range(SEEDS_MAX + 5)]
    assert len(tastes.put(Taste(), "seeds", *many).seeds) == SEEDS_MAX


def test_dropping_takes_a_track_from_wherever_it_stands() -> None:
    taste = Taste(seeds=(A,), liked=(B,), never=(C,))
    assert tastes.drop(tastes.drop(taste, "b"), "c") == Taste(seeds=(A,))


def test_banning_an_artist_takes_what_was_liked_of_theirs() -> None:
    taste = tastes.never_artist(Taste(seeds=(A,), liked=(B, C)), "Artist b")
    assert (taste.liked, taste.never_artists) == ((C,), ("Artist b",))


def test_liked_tracks_are_seeds_of_the_request_and_disliked_ones_are_negative() -> None:
    wishes = tastes.as_wishes(Taste(seeds=(A,), liked=(B,), disliked=(C,), never_artists=("X",)))
    assert wishes["seed_track_ids"] == ["a", "b"]
    assert wishes["negative_track_ids"] == ["c"]
    assert wishes["exclude_artists"] == ["X"]


def test_the_address_gives_back_the_same_taste() -> None:
    taste = Taste(seeds=(A, B), liked=(C,), never_artists=("이소라",))
    known = {track.track_id: track for track in (A, B, C)}
    assert tastes.from_url(tastes.to_url(taste), known) == taste


def test_an_unknown_id_in_the_address_is_shown_by_its_id() -> None:
    assert tastes.from_url({"seeds": ["zz", "", "zz"]}, {}).seeds == (Track("zz", "zz", ""),)


@pytest.mark.parametrize(
    ("action", "place"), [("like", "liked"), ("dislike", "disliked"), ("never", "never"), ("add", "seeds")]
)
def test_each_judgement_has_its_place(action: str, place: str) -> None:
    assert getattr(tastes.judge(Taste(seeds=(A,)), action, B), place)[-1] == B


def test_a_like_taken_back_leaves_nothing() -> None:
    assert tastes.judge(tastes.judge(Taste(), "like", A), "unlike", A) == Taste()


def test_an_artist_is_set_aside_and_allowed_again() -> None:
    taste = tastes.judge(Taste(), "never_artist", A)
    assert taste.never_artists == ("Artist a",)
    assert tastes.allow_artist(taste, "Artist a") == Taste()
