"""A visitor of the video library: their browser, with cookies of their own."""

from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page, expect

PASSWORD = "correct horse battery"
API = "/app/video-library/api"


class Visitor:
    """One browser context with one tab of the library, in the site's frame."""

    def __init__(self, context: BrowserContext, email: str) -> None:
        self.context = context
        self.email = email
        self.tab: Page = context.new_page()

    @property
    def page(self) -> FrameLocator:
        return self.tab.frame_locator("#app")

    def open(self, path: str = "/video-library/") -> None:
        self.tab.goto(path)

    def fill_in(self, way: str, password: str = PASSWORD) -> None:
        """Fill in the form for one of its two ways, and send it."""
        form = self.page.locator("form")
        form.get_by_role("button", name=way).first.click()
        form.get_by_label("E-mail").fill(self.email)
        form.get_by_label("Password").fill(password)
        form.get_by_role("button", name=way).last.click()

    def sign_up(self) -> None:
        """Make an account, and see the library."""
        self.open()
        self.fill_in("Create account")
        expect(self.page.get_by_text(self.email)).to_be_visible()

    def upload(self, *files: Path) -> None:
        self.page.get_by_label("Upload videos").set_input_files(files)

    def tile(self, title: str) -> Locator:
        """Return a video's place on the shelf."""
        return (
            self.page.get_by_role("list", name="Videos")
            .get_by_role("listitem")
            .filter(has_text=title)
        )

    def expect_ready(self, title: str) -> Locator:
        """Wait until a video can be played; return what plays it."""
        play = self.tile(title).get_by_role("button", name=f"Play {title}")
        expect(play).to_be_enabled()
        return play

    def play(self, title: str) -> Locator:
        """Play a video; return the element that does."""
        self.expect_ready(title).click()
        return self.page.locator("video[controls]")

    def delete(self, title: str) -> None:
        """Delete a video, and say that it is meant."""
        self.tile(title).get_by_role("button", name=f"Delete {title}").click()
        self.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(self.tile(title)).to_have_count(0)

    def ask(self, method: str, path: str, **more: Any) -> int:
        """Ask the API with the visitor's cookies; return the status."""
        return self.context.request.fetch(f"{API}{path}", method=method, **more).status

    def videos(self) -> list[dict[str, Any]]:
        """Return the visitor's videos, as the API tells of them."""
        found: list[dict[str, Any]] = self.context.request.get(f"{API}/videos").json()["videos"]
        return found

    def proof(self) -> dict[str, str]:
        """Return the header that a change needs."""
        token = self.context.request.get(f"{API}/session").json()["csrf_token"]
        return {"X-CSRF-Token": token}
