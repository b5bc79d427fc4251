"""A listener at a browser: what they do, see, and hear from a screen reader."""

import re
import time
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

SCREENSHOTS = Path(__file__).resolve().parents[3] / "reports" / "page"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
NO_NETWORK = "Failed to load resource: net::ERR_"
"""What the browser's console says of covers that cannot be fetched; the page draws its own then."""

expect.set_options(timeout=30_000)


class Listener:
    """One browser window."""

    def __init__(self, browser: Browser, *, phone: bool = False, dark: bool = False, locale: str = "en-US") -> None:
        """phone: 390 px wide; otherwise 1440."""
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        agent = PHONE if phone else None
        self.context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            locale=locale,
            user_agent=agent,
            is_mobile=phone,
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(NO_NETWORK):
            self.complaints.append(message.text)

    def open(self, url: str) -> float:
        """Go there; seconds until the search box can be used."""
        started = time.perf_counter()
        self.page.goto(url)
        self.search_box.wait_for()
        self.slots.first.wait_for()
        return time.perf_counter() - started

    @property
    def search_box(self) -> Locator:
        return self.page.get_by_role("searchbox")

    @property
    def slots(self) -> Locator:
        return self.page.locator("ol.slots > li")

    @property
    def picked(self) -> Locator:
        return self.page.locator("ol.slots > li[data-id]")

    @property
    def hits(self) -> Locator:
        return self.page.locator("ol.hits > li")

    @property
    def recommended(self) -> Locator:
        return self.page.locator("ol.ranked > li:not(.kept)")

    @property
    def kept(self) -> Locator:
        return self.page.locator("ol.ranked > li.kept")

    def ids(self) -> list[str]:
        """Track ids of the list, in order."""
        return [str(row.get_attribute("data-id")) for row in self.recommended.all()]

    def search(self, words: str) -> None:
        """Type it, as people do, and wait for what is found."""
        self.search_box.press_sequentially(words, delay=20)
        self.hits.first.wait_for()

    def pick(self, words: str) -> None:
        """Search, and add the first hit that can be added."""
        n = self.picked.count()
        self.search(words)
        self.hits.locator("button.add:enabled").first.click()
        expect(self.picked).to_have_count(n + 1)

    def recommend(self) -> float:
        """Ask for the playlist; seconds from the click to the list."""
        started = time.perf_counter()
        self.page.get_by_test_id("stBaseButton-primary").click()
        self.recommended.first.wait_for()
        return time.perf_counter() - started

    def another_take(self) -> float:
        """Ask for another take; seconds from the click to the other list."""
        before = self.ids()
        started = time.perf_counter()
        self.page.locator(".st-key-again button").click()
        self.wait_for_other_list(before)
        return time.perf_counter() - started

    def wait_for_other_list(self, before: list[str]) -> None:
        """Return when the list is not this one any more."""
        deadline = time.monotonic() + 30
        while self.ids() in (before, []):
            assert time.monotonic() < deadline, "the list did not change"
            self.page.wait_for_timeout(10)

    def judge(self, position: int, gesture: str) -> str:
        """Like or dislike the n-th track; its id."""
        self.settle()  # else another list may come between the look and the click
        track_id = str(self.recommended.nth(position).get_attribute("data-id"))
        row = self.page.locator(f'ol.ranked > li:not(.kept)[data-id="{track_id}"]')
        row.locator(f"button.{gesture}").click()
        expect(row).to_have_count(0)
        return track_id

    def tab(self, position: int) -> None:
        """Open a tab and wait until everything in it is drawn."""
        self.page.get_by_role("tab").nth(position).click()
        expect(self.page.get_by_role("tab").nth(position)).to_have_attribute("aria-selected", "true")
        self.settle()

    def settle(self) -> None:
        """Wait until the page has stopped changing."""
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0)
        self.page.wait_for_function("() => !document.querySelector('[data-test-script-state=\"running\"]')")
        self.page.wait_for_timeout(400)

    def slide(self, key: str, presses: str, times: int = 1, thumb: int = 0) -> None:
        """Move a slider by the keyboard."""
        handle = self.page.locator(f".st-key-{key}").get_by_role("slider").nth(thumb)
        handle.focus()
        for _ in range(times):
            self.page.keyboard.press(presses)

    def look(self, name: str) -> None:
        """Keep a picture of the whole page, and see that nothing is cut off or complains."""
        self.settle()
        main = self.page.locator(".stMain")
        size = self.page.viewport_size
        assert size is not None
        overflow = main.evaluate("m => m.scrollWidth - m.clientWidth")
        assert overflow <= 0, f"{name} is {overflow} px too wide"
        height = min(max(int(main.evaluate("m => m.scrollHeight")), size["height"]), 6000)
        self.page.set_viewport_size({"width": size["width"], "height": height})
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")
        self.page.set_viewport_size(size)
        text = self.page.locator("body").inner_text()
        assert not re.search(r"Traceback|Exception|\bNone\b|\bnan\b|\{[a-z]+\}", text), text
        assert not self.complaints, self.complaints

    def picture(self, name: str) -> None:
        """Keep what a large window shows."""
        size = self.page.viewport_size
        assert size is not None
        self.page.set_viewport_size({"width": 1440, "height": 1180})
        self.page.wait_for_timeout(500)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")
        self.page.set_viewport_size(size)

    def listen(self) -> None:
        """Have axe-core look for what keeps people out; serious and critical findings count."""
        found = Axe().run(self.page).response["violations"]
        bad = [
            f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:200]}"
            for rule in found
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]
        assert not bad, "\n".join(bad)

    def close(self) -> None:
        self.context.close()
