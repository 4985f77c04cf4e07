"""The catalogue and the switcher in a browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from streamlit_site import create_app
from tests.site.stack import look, serving
from tests.site.statuses import Fixed, app_status, document

pytestmark = pytest.mark.browser

APPS = {
    "sales": app_status(name="Sales", path="/sales/", tags=["finance"], description="Revenue"),
    "stock": app_status(name="Stöck", path="/stock/", tags=["logistics"], state="starting"),
    "rota": app_status(name="Rota", path="/rota/", tags=["people", "finance"], state="stopped"),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Fixed]]:
    source = Fixed()
    with serving(create_app(source, tmp_path_factory.mktemp("site"))) as port:
        yield f"http://127.0.0.1:{port}", source


@pytest.fixture
def source(served: tuple[str, Fixed]) -> Fixed:
    served[1].snapshot = document(**APPS)
    return served[1]


@pytest.fixture
def site(served: tuple[str, Fixed], source: Fixed) -> str:
    return served[0]


def names(page: Page) -> list[str]:
    return page.locator(".card:visible h2").all_inner_texts()


def test_filtering_while_typing(page: Page, site: str) -> None:
    page.goto(site)
    assert names(page) == ["Sales", "Stöck", "Rota"]
    page.keyboard.press("/")
    page.keyboard.type("stock")
    assert names(page) == ["Stöck"]
    expect(page.locator(".count")).to_have_text("1 of 3 apps")
    assert page.url == f"{site}/?q=stock"
    page.keyboard.press("Escape")
    assert len(names(page)) == 3
    page.locator(".tags").get_by_text("finance").click()
    assert names(page) == ["Sales", "Rota"]
    assert page.url == f"{site}/?tag=finance"
    page.keyboard.press("/")
    page.keyboard.type("zzz")
    assert names(page) == []
    page.get_by_text("Show all apps").click()
    assert len(names(page)) == 3
    assert page.url == f"{site}/"


def test_a_search_leads_to_the_app_by_keyboard(page: Page, site: str) -> None:
    page.goto(site)
    page.keyboard.press("/")
    page.keyboard.type("rota")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/rota/")
    page.go_back()
    assert page.url == f"{site}/?q=rota"
    expect(page.locator(".card:visible")).to_have_count(1)


def test_states_and_apps_stay_true(page: Page, site: str, source: Fixed) -> None:
    page.goto(site)
    card = page.locator("[data-key=stock]")
    expect(card.locator(".state")).to_have_text("Starting")
    source.change("stock", state="failed", error="no such module")
    look(page)
    expect(card.locator(".state")).to_have_text("Failed")
    expect(card.locator(".card__error")).to_have_text("no such module")
    page.keyboard.press("/")
    page.keyboard.type("new")
    assert source.snapshot
    source.snapshot = document(**APPS, extra=app_status(name="New one", path="/new/", tags=["x"]))
    look(page)
    expect(page.locator(".card:visible h2")).to_have_text(["New one"])
    expect(page.get_by_role("searchbox")).to_have_value("new")


def test_nothing_in_the_catalogue_asks_an_app(page: Page, site: str, source: Fixed) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(site)))
    asleep = {"state": "sleeping", "instances": []}
    icon = {"icon": "🐑", "name": "Flock"}
    source.snapshot = document(
        **{key: {**app, **asleep, **icon} for key, app in APPS.items()}, other=app_status(**asleep)
    )
    page.goto(site)
    card = page.locator("[data-key=sales]")
    expect(card.locator(".state")).to_have_text("Asleep")
    expect(card.locator(".card__error")).to_be_hidden()
    for box in page.locator(".card").all():
        box.hover()
    page.keyboard.press("Tab")
    for state, label in (("running", "Running"), ("sleeping", "Asleep")):
        source.change("sales", state=state)
        look(page)
        expect(card.locator(".state")).to_have_text(label)
    assert [path for path in asked if path.startswith("/app/")] == []
    with page.expect_request(f"{site}/app/sales/"):
        card.get_by_role("link").first.click()
    expect(page).to_have_url(f"{site}/sales/")


def test_an_empty_catalogue_fills_by_itself(page: Page, site: str, source: Fixed) -> None:
    source.snapshot = document()
    page.goto(site)
    expect(page.get_by_role("heading")).to_have_text("No apps yet")
    source.snapshot = document(**APPS)
    look(page)
    expect(page.locator(".card")).to_have_count(3)


def test_without_scripts(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.get_by_role("searchbox").fill("revenue")
    page.get_by_role("button", name="Search").click()
    assert page.url == f"{site}/?q=revenue"
    assert names(page) == ["Sales"]
    page.locator(".tags").get_by_text("logistics").click()
    assert names(page) == []
    page.get_by_text("Show all apps").click()
    page.get_by_role("link", name="Rota").click()
    expect(page.get_by_role("heading", name="Rota is stopped")).to_be_visible()
    page.locator(".switcher summary").click()
    page.get_by_role("link", name="Sales").click()
    assert page.url == f"{site}/sales/"
    context.close()


def test_the_switcher_by_keyboard(page: Page, site: str, source: Fixed) -> None:
    source.snapshot = document(
        **APPS, **{f"app{n}": app_status(name=f"App {n}", path=f"/app{n}/") for n in range(20)}
    )
    page.goto(f"{site}/rota/")
    page.locator(".switcher summary").focus()
    page.keyboard.press("Enter")
    filter_field = page.get_by_label("Find an app by name")
    expect(filter_field).to_be_focused()
    page.keyboard.type("zzz")
    expect(page.get_by_text("No app has that name.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".switcher")).not_to_have_attribute("open", "")
    expect(page.locator(".switcher summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(filter_field).to_be_focused()
    page.keyboard.type("app 1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("a[href='/app10/']")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(filter_field).to_be_focused()
    filter_field.fill("stock")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/stock/")


def test_a_few_apps_need_no_search(page: Page, site: str) -> None:
    page.goto(f"{site}/rota/")
    page.locator(".switcher summary").click()
    expect(page.locator("a[href='/sales/']")).to_be_focused()
    expect(page.locator(".switcher a[aria-current=page]")).to_have_attribute("href", "/rota/")


@pytest.mark.parametrize("path", ["/", "/sales/", "/rota/", "/app/rota/", "/nope/", "/?q=zzz"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(
    page: Page, site: str, source: Fixed, path: str, width: int
) -> None:
    long = "a" * 90
    for key in APPS:
        source.change(key, name=f"{key} {long}", description=long, error=long, tags=[long])
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(site + path)
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0


def test_five_hundred_apps(page: Page, site: str, source: Fixed) -> None:
    source.snapshot = document(
        **{f"app-{n}": app_status(name=f"App {n}", path=f"/app-{n}/") for n in range(500)}
    )
    page.goto(site)
    page.keyboard.press("/")
    page.keyboard.type("app 499")
    assert names(page) == ["App 499"]
    expect(page.locator(".count")).to_have_text(re.compile("1 of 500"))
