"""What only a browser shows, against the stub gateway: covers, the player, titles as text, and bad days."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Route, expect

from frontend.texts import Words
from tests.frontend.browser.listener import Listener
from tests.frontend.browser.servers import page_server
from tests.frontend.stub_gateway import NASTY, StubGateway, running_stub

REAL = f"{110:022}"
PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00"
    b"\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)


@pytest.fixture
def gateway(stub: StubGateway) -> Iterator[StubGateway]:
    yield stub
    stub.fault, stub.missing, stub.deaf = None, (), False


@pytest.fixture
def listener(browser: Browser) -> Iterator[Listener]:
    somebody = Listener(browser)
    somebody.context.route("https://open.spotify.com/**", lambda route: route.abort("internetdisconnected"))
    yield somebody
    somebody.close()


def spotify(route: Route) -> None:
    """Spotify as far as the page uses it: oEmbed, thumbnails, the player."""
    if "/oembed" in route.request.url:
        route.fulfill(
            json={"thumbnail_url": "https://open.spotify.com/cover.png"}, headers={"Access-Control-Allow-Origin": "*"}
        )
    elif route.request.url.endswith("cover.png"):
        route.fulfill(body=PIXEL, content_type="image/png")
    else:
        route.fulfill(body="<title>player</title>", content_type="text/html")


def test_real_tracks_get_their_covers_and_made_up_ones_keep_the_drawn(listener: Listener, stub_page: str) -> None:
    listener.context.route("https://open.spotify.com/**", spotify)
    listener.open(f"{stub_page}/?seeds={REAL}&seeds=track1")
    expect(listener.picked.nth(0).locator(".cover img")).to_be_visible()
    expect(listener.picked.nth(1).locator(".cover svg")).to_be_visible()


def test_without_a_network_every_track_has_a_drawn_cover(listener: Listener, stub_page: str) -> None:
    listener.open(f"{stub_page}/?seeds={REAL}")
    expect(listener.picked.locator(".cover svg")).to_be_visible()
    assert listener.page.locator(".cover img").count() == 0


def test_demo_data_never_ask_spotify(listener: Listener, tmp_path: Path) -> None:
    asked: list[str] = []
    listener.page.on("request", lambda request: asked.append(request.url))
    with running_stub() as gateway, page_server(gateway.url, tmp_path) as page:
        gateway.is_demo = True
        listener.open(f"{page.url}/?seeds={REAL}")
        listener.recommended.first.wait_for()
        expect(listener.page.locator(".st-key-demo")).to_contain_text("fictional")
        assert listener.page.locator("button.play").count() == 0
    assert [url for url in asked if "spotify" in url] == []


def test_a_player_that_plays_goes_on_while_the_list_changes_around_it(
    listener: Listener, gateway: StubGateway, stub_page: str
) -> None:
    listener.context.route("https://open.spotify.com/**", spotify)
    listener.open(f"{stub_page}/?seeds={REAL}")
    row = listener.page.locator("ol.ranked > li", has=listener.page.locator("button.play")).first
    row.locator("button.play").click()
    player = row.locator("iframe")
    expect(player).to_have_attribute("title", "Spotify player: " + row.locator(".title").inner_text())
    player.evaluate("frame => { frame.dataset.mark = 'the same' }")
    below = listener.recommended.count() - 1
    listener.judge(below, "dislike")
    expect(player).to_have_attribute("data-mark", "the same")
    row.locator("button.play").click()
    expect(player).to_have_count(0)


def test_a_title_is_text_and_nothing_else(listener: Listener, gateway: StubGateway, stub_page: str) -> None:
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    listener.page.on("dialog", dismiss)
    listener.open(stub_page)
    listener.search("onerror")
    expect(listener.hits.locator(".title")).to_have_text(NASTY)
    listener.hits.locator("button.add").click()
    expect(listener.picked.locator(".title")).to_have_text(NASTY)
    listener.recommend()
    expect(listener.recommended.first.locator(".note")).to_contain_text(NASTY)
    for position in (1, 2):
        listener.tab(position)
    assert dialogs == []
    assert listener.page.locator("img[src=x]").count() == 0


def test_what_the_catalog_does_not_know_cannot_be_picked_and_says_why(
    listener: Listener, gateway: StubGateway, stub_page: str
) -> None:
    gateway.missing = ("track0",)
    listener.open(stub_page)
    listener.search("amber folk 0")
    hit = listener.hits.first
    expect(hit.locator("button.add")).to_be_disabled()
    expect(hit.locator(".note")).to_contain_text("Cannot be a seed")
    listener.look("state-not-in-catalog")


def test_a_model_that_warms_up_is_waited_for(listener: Listener, gateway: StubGateway, stub_page: str) -> None:
    listener.open(stub_page)
    listener.pick("cedar jazz")
    gateway.fault = (503, "not_ready")
    listener.page.get_by_test_id("stBaseButton-primary").click()
    expect(listener.page.get_by_test_id("stAlert")).to_contain_text("The model is not ready yet")
    listener.listen()
    listener.look("state-model-warming")
    gateway.fault = None
    listener.recommended.first.wait_for()
    expect(listener.page.get_by_test_id("stAlert")).to_have_count(0)


def test_a_judgement_that_is_not_noted_still_reshapes_the_list(
    listener: Listener, gateway: StubGateway, stub_page: str
) -> None:
    listener.open(f"{stub_page}/?seeds=track4")
    listener.recommended.first.wait_for()
    gateway.deaf = True
    listener.judge(0, "dislike")
    gateway.deaf = False
    expect(listener.page.get_by_test_id("stToast")).to_contain_text(Words("en")("list.not_noted"))


def test_a_screen_reader_hears_what_each_button_is_for(
    listener: Listener, gateway: StubGateway, stub_page: str
) -> None:
    listener.open(f"{stub_page}/?seeds=track4")
    title = listener.recommended.first.locator(".title").inner_text()
    for label in (f"Like {title}: keep it, and more like it", f"Not {title}: less like it"):
        expect(listener.recommended.first.get_by_role("button", name=label, exact=True)).to_be_visible()
    expect(listener.recommended.first.get_by_role("img")).to_have_attribute(
        "aria-label", "Match 100 of 100 within this list"
    )
    expect(listener.page.get_by_role("list", name="Recommended songs")).to_be_visible()
    expect(listener.page.get_by_role("status").filter(has_text="20 songs recommended")).to_have_count(1)


def test_set_aside_tracks_can_come_back(listener: Listener, gateway: StubGateway, stub_page: str) -> None:
    listener.open(f"{stub_page}/?seeds=track4")
    listener.recommended.first.wait_for()
    gone = listener.judge(0, "dislike")
    listener.page.locator(".st-key-aside summary").click()
    listener.page.locator(f'ol.hits li[data-id="{gone}"] button.undo').click()
    expect(listener.recommended.first).to_have_attribute("data-id", gone)
