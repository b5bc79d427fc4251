import pytest
from streamlit.testing.v1 import AppTest

from frontend.answers import Track
from frontend.taste import Taste
from tests.frontend.stub_gateway import CATALOG, StubGateway


def pick(page: AppTest, *track_ids: str) -> None:
    seeds = tuple(Track(i, CATALOG[i]["title"], CATALOG[i]["artist"]) for i in track_ids)
    page.session_state["taste"] = Taste(seeds=seeds)


def said(page: AppTest) -> str:
    return "\n".join(part.value for part in (*page.markdown, *page.error, *page.caption, *page.info))


def test_an_empty_page_invites_and_asks_the_model_nothing(page: AppTest, gateway: StubGateway) -> None:
    page.run()
    assert not page.exception
    assert "Five songs in" in said(page)
    assert page.button("recommend").disabled
    assert "/recommend_ranked" not in dict(gateway.asked)


def test_typing_searches_the_catalog(page: AppTest, gateway: StubGateway) -> None:
    page.run()
    page.text_input("q").set_value("amber folk").run()
    assert gateway.asked[-1] == ("/search", {"q": ["amber folk"], "limit": ["8"]})


def test_recommend_asks_for_the_picked_seeds(page: AppTest, gateway: StubGateway) -> None:
    pick(page, "track0", "track3")
    page.run()
    page.button("recommend").click().run()
    assert not page.exception
    path, wishes = gateway.asked[-1]
    assert path == "/recommend_ranked"
    assert wishes["seed_track_ids"] == ["track0", "track3"]
    assert "version 3" in said(page)


def test_a_rerun_without_a_change_asks_nothing_again(page: AppTest, gateway: StubGateway) -> None:
    pick(page, "track0")
    page.run()
    page.button("recommend").click().run()
    n_asked = len(gateway.asked)
    page.run()
    assert len(gateway.asked) == n_asked


def test_a_shared_address_brings_the_playlist_and_the_seeds_names(page: AppTest, gateway: StubGateway) -> None:
    page.query_params["seeds"] = ["track5", "track6"]
    page.run()
    assert not page.exception
    assert gateway.asked[-1][1]["seed_track_ids"] == ["track5", "track6"]
    assert page.session_state["taste"].seeds[0].title == CATALOG["track5"]["title"]


def test_korean_speaks_korean(page: AppTest) -> None:
    page.query_params["lang"] = "ko"
    page.run()
    assert "다섯 곡" in said(page)


def test_demo_data_are_called_fictional(page: AppTest, gateway: StubGateway) -> None:
    gateway.is_demo = True
    page.run()
    assert "fictional" in said(page)


def test_an_unknown_seed_is_named(page: AppTest) -> None:
    page.query_params["seeds"] = ["track5", "nowhere"]
    page.run()
    assert "does not know them: nowhere" in said(page)


def test_a_model_that_is_down_is_said_in_words_and_the_songs_stay(page: AppTest, gateway: StubGateway) -> None:
    pick(page, "track0")
    page.run()
    gateway.fault = (503, "model_unavailable")
    page.button("recommend").click().run()
    assert not page.exception
    assert "not ready yet" in said(page)
    gateway.fault = None
    page.button("retry-problem").click().run()
    assert not page.error
    assert [seed.track_id for seed in page.session_state["taste"].seeds] == ["track0"]


def test_a_gateway_that_is_down_is_said_in_words(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_URL", "http://127.0.0.1:9")
    page.run()
    assert not page.exception
    assert "cannot be reached" in said(page)


def test_start_over_forgets_everything(page: AppTest) -> None:
    pick(page, "track0")
    page.run()
    page.button("recommend").click().run()
    page.button("clear").click().run()
    assert page.session_state["taste"] == Taste()
    assert page.button("recommend").disabled


def recommended(page: AppTest, *track_ids: str) -> AppTest:
    pick(page, *track_ids)
    page.run()
    page.button("recommend").click().run()
    assert not page.exception
    return page


def open_tab(page: AppTest, label: str) -> AppTest:
    page.session_state["tab-en"] = label
    page.run()
    assert not page.exception
    return page


def test_a_dial_pulls_from_the_profile_of_the_songs_at_once(page: AppTest, gateway: StubGateway) -> None:
    recommended(page, "track0")
    page.slider("energy").set_value(50).run()
    # track0 has energy 0.2; half of the way up is 0.2 + 50/100 * 0.5
    assert gateway.asked[-1][1]["target"] == {"energy": pytest.approx(0.45)}
    page.slider("era").set_value((1980, 1999)).run()
    assert gateway.asked[-1][1]["min"] == {"release_year": 1980}
    assert not page.exception


def test_back_to_the_middle_takes_every_wish_back(page: AppTest, gateway: StubGateway) -> None:
    recommended(page, "track0")
    page.slider("energy").set_value(50).run()
    page.button("reset").click().run()
    assert gateway.asked[-1][1]["target"] == {}


def test_the_filter_that_emptied_the_list_is_named(page: AppTest) -> None:
    recommended(page, "track0")
    page.slider("tempo_range").set_value((200, 220)).run()
    assert "The limits leave no song" in page.warning[0].value
    assert "Tempo" in page.warning[0].value


def test_the_address_carries_songs_dials_and_judgements(page: AppTest, gateway: StubGateway) -> None:
    for name, value in {"seeds": ["track5"], "like": ["track6"], "less": ["track7"], "never": ["track8"],
                        "without": ["The Dunes"], "variety": ["40"], "take": ["2"]}.items():  # fmt: skip
        page.query_params[name] = value
    page.run()
    assert not page.exception
    wishes = gateway.asked[-1][1]
    assert wishes["seed_track_ids"] == ["track5", "track6"]
    assert (wishes["negative_track_ids"], wishes["exclude_track_ids"]) == (["track7"], ["track8"])
    assert (wishes["exclude_artists"], wishes["diversity"], wishes["random_seed"]) == (["The Dunes"], 0.4, 2)
    assert page.expander("aside").label == "Set aside: 3"


@pytest.mark.parametrize("take", ["-1", "x", "9999999999", "1.5"])
def test_a_broken_address_breaks_nothing(page: AppTest, take: str) -> None:
    page.query_params["take"] = take
    page.query_params["energy"] = "loud"
    page.query_params["lang"] = "<b>"
    page.query_params["seeds"] = ["track5", "track5", ""]
    page.run()
    assert not page.exception
    assert not page.error


def test_another_take_is_sampled(page: AppTest, gateway: StubGateway) -> None:
    recommended(page, "track0")
    page.button("again").click().run()
    assert gateway.asked[-1][1]["temperature"] > 0


def test_a_genre_is_a_start(page: AppTest, gateway: StubGateway) -> None:
    page.run()
    page.button("start-jazz").click().run()
    assert not page.exception
    assert len(gateway.asked[-1][1]["seed_track_ids"]) == 5


def test_pasted_links_of_unknown_tracks_say_why_they_cannot_be_seeds(page: AppTest) -> None:
    page.run()
    page.text_input("q").set_value("https://open.spotify.com/track/0VjIjW4GlUZAMYd2vXMi3b").run()
    assert "the catalog does not know them" in said(page)
    page.text_input("q").set_value("https://open.spotify.com/playlist/37i9dQZF1DXcBWIGoYBM5M").run()
    assert "Paste links of songs" in said(page)


def test_charts_say_in_words_what_they_draw(page: AppTest) -> None:
    open_tab(recommended(page, "track0"), "Charts")
    assert "sounds most like your songs" in said(page)
    assert page.selectbox("compare").value


def test_take_along_offers_the_address_and_the_files(page: AppTest) -> None:
    open_tab(recommended(page, "track0"), "Take along")
    assert "seeds=track0" in page.code[0].value or "Share" in said(page)
    assert "Saving to Spotify is off" in said(page)


def test_watch_shows_requests_likes_and_the_evaluation(page: AppTest) -> None:
    page.run()
    open_tab(page, "Watch")
    assert {metric.label: metric.value for metric in page.metric}["Answers"] == "100"
    tables = [table.value.to_string() for table in page.table]
    assert any("10.0 %" in table for table in tables)
    assert any("0.452" in table for table in tables)


def test_coming_back_from_spotify_with_an_unknown_state_saves_nothing(page: AppTest) -> None:
    page.query_params["state"] = "guess"
    page.query_params["code"] = "abc"
    page.run()
    assert not page.exception
    assert "Nothing was saved" in page.warning[0].value
    assert "code" not in page.query_params
