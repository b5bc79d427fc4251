import pytest

from frontend import cards
from frontend.answers import Hit, Playlist, RankedTrack, Track
from frontend.taste import Taste
from frontend.texts import Words

EN = Words("en")
REAL = "0VjIjW4GlUZAMYd2vXMi3b"


def action(hit: Hit, taste: Taste | None = None, *, outside: bool = False) -> dict[str, object]:
    (item,) = cards.hit_items([hit], taste or Taste(), EN, is_demo=False, outside=outside)
    return {**item["actions"][0], "note": item["note"]}


def test_a_hit_of_the_catalog_can_be_added_and_once_it_is_says_so() -> None:
    hit = Hit("spotify-id", "Halo", "Beyoncé", catalog_track_id="ours")
    assert (action(hit)["name"], action(hit)["disabled"]) == ("add", False)
    picked = action(hit, Taste(seeds=(Track("ours", "Halo", "Beyoncé"),)))
    assert (picked["name"], picked["disabled"]) == ("picked", True)


def test_a_hit_outside_the_catalog_can_be_added_only_if_somebody_knows_its_sound() -> None:
    hit = Hit("x", "Halo", "Beyoncé", in_catalog=False)
    assert action(hit)["disabled"] is True
    assert "Cannot be a seed" in str(action(hit)["note"])
    assert action(hit, outside=True)["disabled"] is False


@pytest.mark.parametrize(
    ("ms", "text"), [(None, None), (0, None), (59_600, "1:00"), (187_000, "3:07"), (3_600_000, "60:00")]
)
def test_lengths_are_minutes_and_seconds(ms: float | None, text: str | None) -> None:
    assert cards.length(ms) == text


def test_the_line_leaves_out_what_is_unknown_and_an_album_named_like_the_track() -> None:
    track = Track("a", "Halo", "Beyoncé", album="Halo", release_year=2008)
    assert cards.line(track) == "Beyoncé · 2008"


def test_only_real_tracks_lead_to_spotify() -> None:
    assert cards.spotify_link(Track(REAL, "t", "a"), is_demo=False) == f"https://open.spotify.com/track/{REAL}"
    assert cards.spotify_link(Track(REAL, "t", "a"), is_demo=True) is None
    assert cards.spotify_link(Track("local-7", "t", "a"), is_demo=False) is None


def test_scores_are_shown_within_their_list() -> None:
    # 20 + 80 * (2 - 1) / (5 - 1) = 40
    assert [cards.match(score, [5, 2, 1]) for score in (5, 2, 1)] == [100, 40, 20]
    assert cards.match(3, [3, 3]) == 100


def test_an_explicit_track_says_so() -> None:
    track = RankedTrack("a", "Halo", "Beyoncé", rank=1, score=1.0, explicit=True)
    playlist = Playlist("r", {}, [], {}, [track], {})
    assert cards.ranked_items(playlist, Taste(), EN, is_demo=True)[0]["line"] == "Beyoncé · explicit"
