"""A browser's tab with the explorer in it: what a person sees and does there, in few words."""

import base64
import re
from dataclasses import dataclass

from playwright.sync_api import FrameLocator, Locator, Page, Route, expect

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dataclass
class ExplorerTab:
    """`tab` is the browser's; `url` is where the explorer is, in a frame of the site or alone."""

    tab: Page
    url: str
    framed: bool

    @property
    def root(self) -> Page | FrameLocator:
        return self.tab.frame_locator("iframe") if self.framed else self.tab

    @property
    def tiles(self) -> Locator:
        return self.root.locator("li")

    @property
    def view(self) -> Locator:
        """The full-size view, or another dialog."""
        return self.root.get_by_role("dialog")

    def open(self, query: str = "") -> None:
        self.tab.goto(f"{self.url}/{query}")

    def shows(self, *names: str, suffix: str = ".png") -> None:
        """Wait until the grid has exactly these pictures, in this order, and all are loaded."""
        expected = [f"{name}{suffix}" for name in names]
        expect(self.tiles.locator("b")).to_have_text(expected)
        expect(self.root.locator(".loading")).to_have_count(0)

    def press(self, name: str) -> None:
        """Click the button whose name starts so; after it come signs of shortcuts and icons."""
        button = self.root.get_by_role("button", name=re.compile(f"^{name}"))
        expect(button).to_have_count(1)  # while a page is drawn anew, the old one may be there too
        button.click()

    def switch(self, name: str) -> None:
        """Click a toggle, or a choice of several."""
        self.root.get_by_text(name, exact=True).click()

    def unfold(self, name: str) -> None:
        """Open a section of the sidebar, and wait until it is open: lists close when they move."""
        self.switch(name)
        self.root.locator("body").evaluate(
            "() => Promise.all(document.getAnimations().map(each => each.finished))"
        )

    def pick(self, label: str, option: str) -> None:
        """Choose from a list."""
        choice = self.root.get_by_role("combobox", name=label)
        choice.fill(option)
        self.root.get_by_role("option", name=option, exact=True).click()

    def enlarge(self, name: str) -> None:
        self.root.get_by_role("button", name=f"Open {name}.png").click()
        self.is_enlarged(name)

    def is_enlarged(self, name: str) -> None:
        """Wait until a picture is there in full size."""
        expect(self.view.locator("figure b")).to_have_text(f"{name}.png")
        expect(self.view.locator("figure small")).to_contain_text("pixels")

    def key(self, key: str) -> None:
        """Press a key in the view, when its buttons are there to hear it."""
        expect(self.view.get_by_role("button", name=re.compile("^Next"))).to_have_count(1)
        self.tab.keyboard.press(key)

    def close(self) -> None:
        self.view.get_by_role("button", name="Close").click()
        expect(self.view).to_have_count(0)

    def serve_links(self) -> None:
        """Answer for the site of the source of links, as the internet would."""

        def answer(route: Route) -> None:
            route.fulfill(body=PICTURE, content_type="image/png")

        self.tab.route("https://pictures.example.org/**", answer)
