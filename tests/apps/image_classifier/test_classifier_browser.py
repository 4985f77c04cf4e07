"""The whole app under the real controller: two environments, its gateway, a real browser."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, FilePayload, FrameLocator, Locator, Page, expect

from tests.apps.image_classifier.conftest import APP, COFFEE, SAMPLES
from tests.apps.image_classifier.test_classifier_api import BAD
from tests.journeys.project import SampleProject
from tests.support.browser import LOOKS, PICTURES, as_new, dress

pytestmark = [pytest.mark.browser, pytest.mark.journey]

API = "app/image-classifier/api"


@pytest.fixture(scope="module")
def project(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    """A project with the classifier; both environments are built by uv of its requirements."""
    project = SampleProject.make(tmp_path_factory.mktemp("classifier") / "project")
    client = project.add_bundled("image-classifier") / "classifier_page/backend.py"
    code = client.read_text()
    assert "\nSECONDS = 10.0\n" in code
    client.write_text(code.replace("\nSECONDS = 10.0\n", "\nSECONDS = 2.0\n"))
    try:
        project.run("start")
        yield project
    finally:
        project.end()


@pytest.fixture(scope="module")
def tab(browser: Browser, project: SampleProject) -> Iterator[Page]:
    context = browser.new_context(base_url=project.url)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    with as_new(tab) as page:
        page.goto("/image-classifier/")
        yield page


def app(page: Page) -> FrameLocator:
    """Return the app inside the site's frame."""
    return page.frame_locator("#app")


def card(page: Page, title: str) -> Locator:
    return app(page).locator("[class*=st-key-card-]", has_text=title)


def drawn(part: Locator) -> None:
    """Wait until a card has its picture and its chart."""
    expect(part.locator("img")).to_have_js_property("complete", value=True)
    expect(part.locator("canvas, svg.marks").first).to_be_visible()


def upload(page: Page, **files: bytes) -> None:
    """Upload files by their names without suffix."""
    payloads: list[FilePayload] = [
        {"name": f"{name}.png", "mimeType": "image/png", "buffer": content}
        for name, content in files.items()
    ]
    app(page).locator("input[type=file]").set_input_files(payloads)


def backend(project: SampleProject) -> dict[str, Any]:
    status = project.status()["apps"]["image-classifier"]["services"]["backend"]
    return dict(status["instances"][0]) if status["instances"] else {}


def predict(project: SampleProject, content: bytes = COFFEE) -> httpx.Response:
    url = f"{project.url}{API}/predict"
    return httpx.post(url, files={"file": content}, timeout=60, trust_env=False)


def test_a_sample_and_pictures_of_the_visitor_s(page: Page) -> None:
    drawn(card(page, "Espresso · 95%"))
    cat, rocket = ((SAMPLES / name).read_bytes() for name in ("chelsea.png", "rocket.jpg"))
    upload(page, cat=cat, essay=b"no picture", rocket=rocket)
    for title in ("Tiger cat", "Missile"):
        drawn(card(page, title))
    expect(card(page, "essay.png").filter(has_text="not an image of a known kind")).to_be_visible()
    expect(card(page, "Espresso")).to_have_count(0)
    app(page).get_by_role("button", name="Coffee").click()
    drawn(card(page, "Espresso"))
    chart = card(page, "Tiger cat").get_by_test_id("stVegaLiteChart")
    expect(chart).to_have_attribute("aria-label", re.compile(r"^tiger cat 3\d\.\d%, Egyptian cat"))
    expect(chart).to_contain_text("Egyptian cat")
    time_taken = re.compile(r"^rocket\.png · EfficientNet-Lite0 · \d+ ms$")
    expect(card(page, "Missile").get_by_text(time_taken)).to_be_visible()


def test_it_looks_right(page: Page) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    drawn(card(page, "Espresso"))
    app(page).get_by_role("button", name="Cat").click()
    drawn(card(page, "Tiger cat"))
    page.mouse.move(0, 0)
    for look in LOOKS:
        dress(page, look)
        drawn(card(page, "Espresso"))
        card(page, "Espresso").get_by_test_id("stCaptionContainer").scroll_into_view_if_needed()
        page.screenshot(path=PICTURES / f"image-classifier-{look}.png")
        wide = "document.documentElement.scrollWidth > window.innerWidth"
        assert not page.evaluate(wide)
        assert not page.frames[1].evaluate(wide)


def test_curl_as_the_readme_has_it(project: SampleProject) -> None:
    readme = (APP / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\$ (curl .*http://127\.0\.0\.1:5000/.*)$", readme, re.MULTILINE)
    assert len(commands) == 4
    for command in commands:
        here = command.replace("http://127.0.0.1:5000/", project.url)
        words = shlex.split(here)
        done = subprocess.run(
            words, cwd=APP, capture_output=True, text=True, timeout=60, check=True
        )
        told = readme.partition(f"$ {command}\n")[2].partition("\n")[0]
        assert without_times(done.stdout) == without_times(told), command


def without_times(text: str) -> str:
    return re.sub(r'"milliseconds":[\d.]+', '"milliseconds":…', text.strip())


def test_refusals_come_through_the_gateway(project: SampleProject, tmp_path: Path) -> None:
    for content, status, code in BAD.values():
        answer = predict(project, content)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    large = tmp_path / "large.png"
    large.write_bytes(bytes(40 * 2**20))
    for more in ([], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect:"]):
        command = ["curl", "-sS", *more, "-F", f"file=@{large}", f"{project.url}{API}/predict"]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        assert b"file-too-large" in done.stdout, (more, done.stderr)


def test_the_page_has_no_machine_learning(project: SampleProject) -> None:
    """Nor the service Streamlit: each has an environment of its own."""
    packages = []
    for name in ("page", "backend"):
        pid = (
            backend(project)["pid"]
            if name == "backend"
            else project.instance("image-classifier")["pid"]
        )
        code = "import importlib.util as u; print([u.find_spec(n) is not None for n in "
        code += "('onnxruntime', 'onnx', 'streamlit')])"
        variables = psutil.Process(pid).environ()
        python = Path(psutil.Process(pid).cmdline()[0])
        assert python.is_relative_to(project.root / ".state/envs"), variables
        done = subprocess.run(
            [python, "-c", code], capture_output=True, text=True, check=True, timeout=30
        )
        packages.append(done.stdout.strip())
    assert packages == ["[False, False, True]", "[True, True, False]"]


def test_a_backend_that_is_killed_comes_back_and_the_page_goes_on(
    page: Page, project: SampleProject
) -> None:
    drawn(card(page, "Espresso"))
    killed = backend(project)["pid"]
    os.kill(killed, signal.SIGSTOP)  # else another takes over what it has not answered
    app(page).get_by_role("button", name="Rocket").click()
    expect(app(page).get_by_text("The classifier does not answer just now.")).to_be_visible()
    os.kill(killed, signal.SIGKILL)
    drawn(card(page, "Espresso"))
    drawn(card(page, "Missile"))
    expect(app(page).locator(".st-key-away")).to_have_count(0)
    assert backend(project)["pid"] != killed


def test_it_sleeps_wakes_and_restarts(page: Page, project: SampleProject) -> None:
    project.run("sleep", "image-classifier", "--force")
    assert not backend(project)
    assert predict(project).json()["predictions"][0]["label"] == "espresso"
    first = backend(project)["pid"]
    project.run("restart", "image-classifier")
    assert predict(project).json()["predictions"][0]["label"] == "espresso"
    assert backend(project)["pid"] != first
    page.goto("/image-classifier/")
    drawn(card(page, "Espresso"))
    made = list((project.root / ".state/cache/apps/image-classifier").glob("*.onnx"))
    assert len(made) == 1, "the model was made once"


def test_a_short_load(project: SampleProject) -> None:
    """As the README has it, but for three seconds."""
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        "locustfile.py",
        "--headless",
        "--only-summary",
    ]
    done = subprocess.run(
        [*command, "-u", "8", "-r", "8", "-t", "3s", "--host", project.url.rstrip("/")],
        cwd=APP,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ((requests, failures),) = re.findall(
        r"^ +Aggregated +(\d+) +(\d+)\(", done.stderr + done.stdout, re.MULTILINE
    )[:1]
    assert int(requests) > 5
    assert int(failures) == 0
