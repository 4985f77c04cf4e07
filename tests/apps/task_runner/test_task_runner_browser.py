"""The whole app under the real controller, in a real browser."""

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, expect

from tests.journeys.project import SampleProject
from tests.support.browser import LOOKS, PICTURES, as_new, dress
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.journey]

API = "/app/task-runner/api"
SMALL, LARGE = "up to 1 million", "up to 10,000 million"
WORK = "primes millions=10000"


@pytest.fixture(scope="module")
def runner(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    """A project with the task runner, and once more as `brief`, where tabs that leave are gone."""
    project = SampleProject.make(tmp_path_factory.mktemp("runner") / "project")
    project.add_bundled("task-runner")
    configure(project)
    try:
        project.run("start")
        yield project
    finally:
        project.end()


def configure(project: SampleProject, **more: int) -> None:
    def grace(seconds: str) -> dict[str, dict[str, str]]:
        return {"env": {"STREAMLIT_KIT_GRACE": seconds}}

    brief = {"name": "Brief", "dir": "apps/task-runner", **grace("0.5")}
    project.configure({"task-runner": {**grace("60"), **more}, "brief": brief})


@pytest.fixture(scope="module")
def context(browser: Browser, runner: SampleProject) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=runner.url)
    yield context
    context.close()


@pytest.fixture(scope="module")
def tab(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    """The tab of these tests, as if it were new: what it had running is cancelled."""
    with as_new(tab) as page:
        yield page
        page.evaluate("sessionStorage.clear()")


def app(page: Page) -> FrameLocator:
    """Return the app inside the site's frame."""
    return page.frame_locator("#app")


def card(page: Page, title: str) -> Locator:
    return app(page).locator("[class*=st-key-card-]", has_text=title)


def press(where: FrameLocator | Locator, name: str) -> None:
    where.get_by_role("button", name=name, exact=True).click()


def fraction(part: Locator) -> int:
    """Return how many hundredths a progress bar shows."""
    return int(part.get_by_role("progressbar").get_attribute("aria-valuenow") or 0)


def progresses(part: Locator) -> None:
    """Wait until more is done than now, without doing anything."""
    before = fraction(part)
    until(lambda: fraction(part) > before, "more progress")


def start(page: Page, size: Literal["Home", "End"], said: str) -> Locator:
    """Count primes, as few or as many as there may be; return the card of it.

    The most take far longer than any test.
    """
    app(page).get_by_role("radio", name="Prime numbers").click()
    slider = app(page).get_by_role("slider", name="Up to, in millions")
    slider.focus()
    slider.press(size)
    press(app(page), "Start")
    started = card(page, said)
    expect(started.get_by_role("progressbar")).to_be_visible()
    return started


def start_large(page: Page) -> Locator:
    return start(page, "End", LARGE)


def log(project: SampleProject, name: str = "task-runner") -> str:
    return (project.root / f"logs/{name}.log").read_text()


def ask(project: SampleProject, method: str, path: str, body: object = None) -> Any:
    """Return what the API answers, through the gateway."""
    request = urllib.request.Request(
        f"{project.url.rstrip('/')}{API}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def finish(project: SampleProject, job: dict[str, Any]) -> dict[str, Any]:
    """Wait until a job of the API is done."""
    until(lambda: ask(project, "GET", f"/jobs/{job['id']}")["status"] == "done", "its end")
    found: dict[str, Any] = ask(project, "GET", f"/jobs/{job['id']}")
    return found


def test_several_at_once_one_cancelled_and_all_kept(page: Page) -> None:
    page.goto("/task-runner/")
    press(app(page), "Start one of each")
    for title in ("Short tour", "Fractal"):
        expect(card(page, title)).to_contain_text("Running")
    tour = card(page, "Short tour")
    progresses(tour)
    expect(card(page, "Prime numbers").locator("canvas, svg.marks").first).to_be_visible()
    press(tour, "Cancel")
    expect(tour).to_contain_text("Cancelled")

    app(page).get_by_role("link", name="REST API").click()
    expect(app(page).get_by_role("heading", name="REST API")).to_be_visible()
    app(page).get_by_role("link", name="Tasks").click()
    expect(tour).to_contain_text("Cancelled")
    expect(tour.locator("canvas, svg.marks").first).to_be_visible()
    expect(card(page, "Fractal").locator("img")).to_have_js_property("naturalWidth", 960)

    lasting = [card(page, title) for title in ("Prime numbers", "Pi by chance")]
    for each in lasting:  # for minutes: they are what there is to cancel
        expect(each).to_contain_text("Running")
    press(app(page), "Cancel all")
    for each in lasting:
        expect(each).to_contain_text("Cancelled")
    done = start(page, "Home", SMALL)
    expect(done).to_contain_text("Done")
    expect(done).to_contain_text("78,498")
    expect(app(page).get_by_role("heading", name="5 tasks")).to_be_visible()


def test_a_task_outlives_a_reload_of_its_tab(page: Page, runner: SampleProject) -> None:
    page.goto("/task-runner/")
    before = fraction(start_large(page))
    page.reload()
    reloaded = card(page, LARGE)
    expect(reloaded).to_contain_text("Running")
    until(lambda: fraction(reloaded) > before, "more progress")
    assert log(runner).count(f"{WORK} has begun") == 1
    assert f"{WORK} was cancelled" not in log(runner)
    press(reloaded, "Cancel")
    expect(reloaded).to_contain_text("Cancelled")


def test_a_task_ends_when_its_tab_is_closed(context: BrowserContext, runner: SampleProject) -> None:
    tab = context.new_page()
    tab.goto("/brief/")
    progresses(start_large(tab))
    assert f"{WORK} was cancelled" not in log(runner, "brief")
    tab.close()
    until(lambda: f"{WORK} was cancelled" in log(runner, "brief"), "its end")


def test_the_api_beside_it(runner: SampleProject) -> None:
    job = ask(runner, "POST", "/jobs", {"computation": "fractal", "width": 320})
    assert finish(runner, job)["picture"] == f"{API}/jobs/{job['id']}/picture"
    picture = urllib.request.urlopen(f"{runner.url}{API[1:]}/jobs/{job['id']}/picture", timeout=30)
    with picture:
        assert picture.headers["Content-Type"] == "image/png"
        assert picture.read().startswith(b"\x89PNG")
    assert "fractal place=Seahorses" in log(runner, "task-runner.api")
    assert runner.get(f"{API}/jobs/nobody").status == 404


def test_its_documentation_needs_no_other_site(page: Page, runner: SampleProject) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{API}/")
    expect(page).to_have_url(re.compile(f"{API}/docs"))
    route = page.locator(".opblock-get", has_text="/computations")
    route.click()
    route.get_by_role("button", name="Try it out").click()
    route.get_by_role("button", name="Execute").click()
    expect(route.locator(".live-responses-table")).to_contain_text("Short tour")
    foreign = [url for url in asked if not url.startswith((runner.url, "data:", "blob:"))]
    assert foreign == []
    assert any("swagger-ui-bundle.js" in url for url in asked)


def test_the_page_tries_its_api(page: Page, runner: SampleProject) -> None:
    page.goto("/task-runner/rest-api")
    trial = app(page).locator(".st-key-api-trial")
    press(trial, "POST /jobs")
    expect(trial.locator("img")).to_be_visible()
    expect(trial.locator("img")).to_have_js_property("naturalWidth", 960)
    trial.get_by_role("button", name="DELETE").click()
    expect(trial.get_by_text("Cancelled")).to_be_visible()
    expect(app(page).get_by_text(f"curl -s {runner.url}{API[1:]}/computations")).to_be_visible()
    link = app(page).get_by_role("link", name="All routes")
    assert link.get_attribute("href") == f"{runner.url}{API[1:]}/docs"


def test_pictures(page: Page) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.goto("/task-runner/")
    press(app(page), "Start one of each")
    tour = card(page, "Short tour").locator("canvas, svg.marks").first
    picture = card(page, "Fractal").locator("img")
    page.mouse.move(0, 0)
    for look in LOOKS:
        dress(page, look)
        expect(tour).to_be_visible()
        take(page, picture, f"task-runner-{look}")
    dress(page, "light")  # a phone has the links behind a button
    press(app(page), "Cancel all")
    app(page).get_by_role("link", name="REST API").click()
    trial = app(page).locator(".st-key-api-trial")
    press(trial, "POST /jobs")
    page.mouse.move(0, 0)
    for look in LOOKS:
        dress(page, look)
        take(page, trial.locator("img"), f"task-runner-api-{look}")


def take(page: Page, shown: Locator, name: str) -> None:
    """Take a picture of a page with something on it."""
    expect(shown).to_have_js_property("complete", value=True)
    shown.scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / f"{name}.png")
    wide = "document.documentElement.scrollWidth > window.innerWidth"
    assert not page.evaluate(wide)
    assert not page.frames[1].evaluate(wide)


def test_it_sleeps_and_wakes_with_its_api(page: Page, runner: SampleProject) -> None:
    runner.run("sleep", "task-runner", "--force")
    assert runner.status()["apps"]["task-runner"]["state"] == "sleeping"
    assert finish(runner, ask(runner, "POST", "/jobs", {"computation": "primes", "millions": 1}))
    page.goto("/task-runner/")
    expect(start(page, "Home", SMALL)).to_contain_text("Done")


def test_a_restart_leaves_running_tasks_alone(page: Page, runner: SampleProject) -> None:
    page.goto("/task-runner/")
    task = start_large(page)
    before = runner.instance("task-runner")["id"]
    runner.run("restart", "task-runner")
    assert runner.instance("task-runner")["id"] != before
    progresses(task)
    press(task, "Cancel")
    expect(page.locator(".renewal")).to_contain_text("A new version of Task runner is here.")
    assert finish(runner, ask(runner, "POST", "/jobs", {"computation": "primes", "millions": 1}))


def test_two_replicas_have_visitors_of_their_own_who_come_back_to_them(
    context: BrowserContext, runner: SampleProject
) -> None:
    configure(runner, replicas=2)
    runner.run("refresh")

    def sessions() -> list[int]:
        instances = runner.status()["apps"]["task-runner"]["instances"]
        return sorted(each["sessions"] for each in instances)

    until(lambda: sessions() == [0, 0], "nobody is there any more", 60)
    tabs = [context.new_page() for _ in range(4)]
    for tab in tabs:
        tab.goto("/task-runner/")
        expect(app(tab).get_by_role("heading", name="Task runner")).to_be_visible()
    homes = [tab.frames[1].url for tab in tabs]
    assert sorted(map(homes.count, homes)) == [2, 2, 2, 2]
    mine, other = tabs[0], next(tab for tab in tabs if tab.frames[1].url != homes[0])
    for tab in (mine, other):
        progresses(start_large(tab))
        expect(app(tab).get_by_role("heading", name="1 task")).to_be_visible()
    press(card(other, LARGE), "Cancel")
    expect(card(other, LARGE)).to_contain_text("Cancelled")
    for tab, home in zip(tabs, homes, strict=True):
        if home != homes[0]:
            tab.close()
    until(lambda: sessions() == [0, 2], "the other one is the emptiest by far")
    mine.reload()
    progresses(card(mine, LARGE))
    assert mine.frames[1].url == homes[0]
    press(card(mine, LARGE), "Cancel")
    for tab in tabs:
        tab.close()
