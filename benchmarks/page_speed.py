"""How soon the page is there, in a real browser: `python -m benchmarks.page_speed`, while `make up` runs.

First paint is the time from an address to a search box that can be used; a recommendation the time from the click on
the button to the list. The best of several is what the page takes, the median what a listener at a busy machine sees.
"""

import argparse
import statistics
from pathlib import Path

import requests
from playwright.sync_api import Browser, Error, sync_playwright

from scripts.settings import StackSettings
from tests.frontend.browser.conftest import CHROMIUM, FLAGS
from tests.frontend.browser.listener import Listener


def visit(browser: Browser, page_url: str, song: str) -> tuple[float, float]:
    """Seconds to the first paint, and from the click to the list, for one picked song in a new window."""
    listener = Listener(browser)
    paint_s = listener.open(page_url)
    listener.pick(song)
    click_s = listener.recommend()
    listener.close()
    return paint_s, click_s


def main() -> None:
    """Print a table."""
    settings = StackSettings()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page-url", default=f"http://127.0.0.1:{settings.page_port}")
    parser.add_argument("--gateway-url", default=settings.gateway_url)
    parser.add_argument("--visits", type=int, default=10)
    given = parser.parse_args()
    if not Path(CHROMIUM).exists():
        raise SystemExit(f"there is no browser at {CHROMIUM}; on Debian: apt-get install chromium")
    try:
        picks = requests.get(f"{given.gateway_url}/picks", params={"n": str(given.visits)}, timeout=10).json()["tracks"]
        with (
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as browser,
        ):
            songs = [f"{track['title']} {track['artist'].split(',')[0]}" for track in picks]
            times = [visit(browser, given.page_url, song) for song in songs]
    except (requests.RequestException, Error) as error:
        raise SystemExit(f"the page or the gateway cannot be reached ({error}); start them with `make up`") from None
    for name, each in zip(("first paint", "click to list"), zip(*times, strict=True), strict=True):
        print(f"{name:<14} best {min(each):5.2f} s   median {statistics.median(each):5.2f} s   ({len(each)} visits)")


if __name__ == "__main__":
    main()
