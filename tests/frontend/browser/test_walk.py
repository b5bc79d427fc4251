"""The whole path in a real browser, against a real gateway and a trained model, in both languages."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
import requests
from playwright.sync_api import Browser, expect

from frontend.texts import Words
from tests.frontend.browser.conftest import Stack
from tests.frontend.browser.listener import Listener

pytestmark = [pytest.mark.serving, pytest.mark.timeout(1200)]


@pytest.fixture
def listener(browser: Browser) -> Iterator[Listener]:
    somebody = Listener(browser)
    yield somebody
    somebody.close()


def titles(stack: Stack, n: int) -> list[str]:
    """Titles with their artists, as somebody types them."""
    picks = requests.get(f"{stack.gateway.url}/picks", params={"genre": "pop", "n": str(n)}, timeout=10).json()[
        "tracks"
    ]
    return [f"{track['title']} {track['artist'].split(',')[0]}" for track in picks]


def downloaded(listener: Listener, label: str) -> bytes:
    with listener.page.expect_download() as download:
        listener.page.get_by_role("button", name=label).click()
    return Path(download.value.path()).read_bytes()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_whole_path(listener: Listener, stack: Stack, language: str) -> None:
    words, page = Words(language), listener.page

    listener.open(f"{stack.page}/?lang={language}")
    expect(page.get_by_role("heading", level=1)).to_have_text(words("head.claim"))
    listener.listen()
    listener.look(f"1-empty-{language}")

    *first, last = titles(stack, 5)
    for song in first:
        listener.pick(song)
    listener.search(last)
    listener.listen()
    listener.look(f"2-search-{language}")
    listener.search_box.focus()
    while "add" not in str(page.evaluate("() => document.activeElement.shadowRoot?.activeElement?.className")):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(listener.picked).to_have_count(5)
    expect(listener.search_box).to_be_focused()
    listener.look(f"3-picked-{language}")

    listener.recommend()
    expect(listener.recommended).to_have_count(20)
    listener.listen()
    listener.look(f"4-list-{language}")
    listener.picture(f"readme-{language}")

    before = listener.ids()
    listener.slide("energy", "ArrowRight", 8)
    listener.wait_for_other_list(before)
    page.wait_for_url("**energy=80**")

    liked = listener.judge(1, "like")
    expect(listener.kept).to_have_count(1)
    disliked = listener.judge(2, "dislike")
    before = listener.ids()
    artist = str(listener.recommended.first.locator(".line").inner_text()).split(" · ")[0]
    listener.recommended.first.locator("summary").click()
    listener.recommended.first.locator("button.never_artist").click()
    listener.wait_for_other_list(before)
    assert disliked not in listener.ids()
    assert not [
        line for line in listener.recommended.locator(".line").all_inner_texts() if line.startswith(f"{artist} ·")
    ]
    listener.listen()
    listener.look(f"5-judged-{language}")

    page.locator(".st-key-more summary").click()
    listener.slide("tempo_range", "End", thumb=0)
    expect(page.get_by_test_id("stAlert")).to_contain_text(words("feature.tempo"))
    listener.look(f"6-emptied-{language}")
    page.get_by_role("button", name=words("tune.reset")).click()
    expect(listener.recommended).to_have_count(20)

    listener.tab(1)
    listener.listen()
    listener.look(f"7-charts-{language}")

    listener.tab(2)
    listener.listen()
    listener.look(f"8-take-{language}")
    shown = [liked, *listener.ids()] if listener.ids() else None
    rows = list(csv.DictReader(io.StringIO(downloaded(listener, words("take.csv")).decode("utf-8-sig"))))
    assert rows[0]["track_id"] == liked
    assert len(rows) == 21
    assert shown is None or [row["track_id"] for row in rows] == shown
    jspf = json.loads(downloaded(listener, words("take.jspf")))["playlist"]["track"]
    assert [track["title"] for track in jspf] == [row["title"] for row in rows]
    assert downloaded(listener, words("take.m3u8")).startswith(b"#EXTM3U")

    listener.tab(3)
    listener.listen()
    listener.look(f"9-watch-{language}")

    # The address brings everything back, in another window.
    again = Listener(listener.context.browser or pytest.fail("no browser"))
    again.open(page.url)
    expect(again.recommended).to_have_count(20)
    expect(again.kept).to_have_attribute("data-id", liked)
    assert [row["track_id"] for row in rows][1:] == again.ids()
    again.close()
    assert parse_qs(urlparse(page.url).query)["less"] == [disliked]

    listener.tab(0)
    stack.gateway.stop()
    try:
        page.locator(".st-key-again button").click()
        expect(page.get_by_test_id("stAlert")).to_contain_text(words("problem.gateway_down").split("**")[1])
        listener.look(f"10-gateway-down-{language}")
    finally:
        stack.gateway.start()
    # It goes on by itself, with the songs that were picked.
    expect(listener.recommended).to_have_count(20)
    expect(listener.picked).to_have_count(5)
    assert listener.complaints == []


def test_judgements_reach_the_gateway(listener: Listener, stack: Stack) -> None:
    def stored() -> dict[str, int]:
        summary = requests.get(f"{stack.gateway.url}/feedback/summary", timeout=10).json()
        return {event: summary["stored"]["events"].get(event, 0) for event in ("like", "skip", "add")}

    before = stored()
    listener.open(stack.page)
    listener.page.locator(".st-key-start button").first.click()
    listener.recommended.first.wait_for()
    listener.judge(0, "like")
    listener.judge(0, "dislike")
    wanted = {"like": before["like"] + 1, "skip": before["skip"] + 1, "add": before["add"]}
    for _ in range(50):
        if stored() == wanted:
            break
        listener.page.wait_for_timeout(100)
    assert stored() == wanted


@pytest.mark.parametrize(("language", "dark"), [("en", True), ("ko", False)])
def test_a_phone_shows_all_of_it(browser: Browser, stack: Stack, language: str, dark: bool) -> None:
    listener = Listener(browser, phone=True, dark=dark, locale="ko-KR" if language == "ko" else "en-US")
    listener.open(stack.page)
    expect(listener.page.get_by_role("heading", level=1)).to_have_text(Words(language)("head.claim"))
    listener.listen()
    listener.look(f"phone-1-empty-{language}")
    listener.page.locator(".st-key-start button").first.click()
    listener.recommended.first.wait_for()
    listener.listen()
    listener.look(f"phone-2-list-{language}")
    for position, name in enumerate(("charts", "take", "watch"), 1):
        listener.tab(position)
        listener.listen()
        listener.look(f"phone-{position + 2}-{name}-{language}")
    listener.close()


def test_dark_is_as_readable_as_light(browser: Browser, stack: Stack) -> None:
    listener = Listener(browser, dark=True)
    listener.open(stack.page)
    listener.page.locator(".st-key-start button").first.click()
    listener.recommended.first.wait_for()
    listener.listen()
    listener.look("dark-list")
    listener.tab(1)
    listener.listen()
    listener.look("dark-charts")
    listener.close()
