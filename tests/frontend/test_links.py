import pytest

from frontend import links

A, B = "0VjIjW4GlUZAMYd2vXMi3b", "7qiZfU4dY1lWllzX7mPBI3"


@pytest.mark.parametrize(
    "text",
    [
        f"https://open.spotify.com/track/{A}",
        f"https://open.spotify.com/track/{A}?si=abc",
        f"open.spotify.com/intl-ko/track/{A}",
        f"https://open.spotify.com/embed/track/{A}",
        f"spotify:track:{A}",
        f"spotify:track:{A} and again https://open.spotify.com/track/{A}",
    ],
)
def test_a_link_in_any_form_gives_its_track_once(text: str) -> None:
    assert links.track_ids(text) == [A]


def test_links_that_lost_their_line_breaks_are_still_two() -> None:
    text = f"https://open.spotify.com/track/{A}https://open.spotify.com/track/{B}"
    assert links.track_ids(text) == [A, B]


def test_words_are_no_links() -> None:
    assert links.track_ids("blinding lights") == []
    assert not links.is_other_link("the album spotify")


@pytest.mark.parametrize("kind", ["playlist", "album", "artist"])
def test_other_links_are_told_from_tracks(kind: str) -> None:
    assert links.is_other_link(f"https://open.spotify.com/{kind}/37i9dQZF1DXcBWIGoYBM5M?si=1")
    assert links.is_other_link(f"spotify:{kind}:37i9dQZF1DXcBWIGoYBM5M")
