"""A real browser loads a real Streamlit page whose files the gateway serves."""

import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from streamlit_controls.manager import asset_maker
from streamlit_controls.manager.frontends import frontend
from streamlit_controls.manager.pages import Pages
from tests.manager.caddy import Gateway, caddy
from tests.runner.processes import running
from tests.support.ports import free_port
from tests.support.samples import instance, replica
from tests.support.waiting import PATIENCE

SCRIPT = """
import pathlib
import pandas as pd
import streamlit as st
import streamlit.components.v1 as components

frame = pd.DataFrame({"a": [1, 2, 3], "b": [3, 1, 2]})
st.line_chart(frame)
st.dataframe(frame)
st.markdown("Formula $a^2$, icon :material/home:")
component = components.declare_component("probe", path=str(pathlib.Path(__file__).parent / "probe"))
component(key="probe")
"""

PROBE = """<p>from a component</p><script>
const send = (type, more) =>
  window.parent.postMessage({isStreamlitMessage: true, type: "streamlit:" + type, ...more}, "*");
send("componentReady", {apiVersion: 1});
send("setFrameHeight", {height: 60});
</script>"""

HERE = "/app/hello/~abc234"

OF_THE_APP = ("/_stcore/", "/component/", "/favicon.png")
"""What a page asks its instance for; of these, the gateway answers for the icon."""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def gateway(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with a running app, and with one that sleeps behind its socket."""
    state = tmp_path_factory.mktemp("state")
    front = frontend(Path(sys.prefix) / "bin/python")
    assert front is not None
    made = state / f"assets/streamlit-{front.version}"
    asset_maker.make(front, made, "")
    app = tmp_path_factory.mktemp("hello")
    (app / "pages").mkdir()
    (app / "probe").mkdir()
    (app / "app.py").write_text(SCRIPT)
    (app / "pages/second.py").write_text("import streamlit as st\nst.title('The second page')\n")
    (app / "probe/index.html").write_text(PROBE)
    with running("page.py", "app.py", "--base-path", HERE, cwd=app) as page:
        serves = replica(instance=instance("abc234", page.port, binds_itself=True))
        document = {"site_port": free_port(), "apps": {"hello": {}}}
        with caddy(state / "run", document, serves) as found:
            for name in ("abc234", "asleep"):
                Pages(state / "run").name(name, made)
            yield found


@pytest.fixture
def context(browser: Browser, gateway: Gateway) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=f"http://127.0.0.1:{gateway.port}")
    context.set_default_timeout(PATIENCE * 1000)
    yield context
    context.close()


@dataclass
class Traffic:
    """What a page asked for, what it was answered, and what it complained of."""

    bytes: int = 0
    paths: list[str] = field(default_factory=list)
    codings: dict[str, str | None] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, page: Page) -> "Traffic":
        found = cls()
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", lambda event: found._answered(event["response"]))
        session.on("Network.loadingFinished", lambda event: found._loaded(event))
        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: found.complaints.append(said.text) if said.type == "error" else None,
        )
        return found

    def _answered(self, response: dict[str, object]) -> None:
        url = urlsplit(str(response["url"]))
        if url.scheme != "http":
            return
        headers = response["headers"]
        assert isinstance(headers, dict)
        self.paths.append(url.path)
        self.codings[url.path] = headers.get("Content-Encoding")

    def _loaded(self, event: dict[str, float]) -> None:
        self.bytes += int(event["encodedDataLength"])


def wait_for_all(page: Page) -> None:
    """Wait until the page shows everything that its script says."""
    expect(page.locator("[data-testid=stVegaLiteChart] canvas, svg.marks").first).to_be_visible()
    expect(page.locator("[data-testid=stDataFrame] canvas").first).to_be_visible()
    expect(page.locator(".katex").first).to_be_visible()
    expect(page.frame_locator("iframe").get_by_text("from a component")).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_all_files_come_from_one_place_and_only_once(context: BrowserContext) -> None:
    page = context.new_page()
    first = Traffic.of(page)
    page.goto(f"{HERE}/")
    wait_for_all(page)
    assert first.complaints == []
    shared = [path for path in first.paths if path.startswith("/assets/streamlit-")]
    own = {path.removeprefix(HERE) for path in first.paths} - set(shared)
    assert len(shared) > 50
    assert {path for path in own if not path.startswith(OF_THE_APP)} == {"/"}
    (script,) = (path for path in shared if "/static/js/index." in path and "esm" not in path)
    assert first.codings[script] == "br"
    assert first.codings[f"{HERE}/"] == "br"
    page.close()

    page = context.new_page()
    second = Traffic.of(page)
    page.goto(f"{HERE}/")
    wait_for_all(page)
    assert second.complaints == []
    assert set(second.paths) == set(first.paths)
    assert second.bytes < 0.01 * first.bytes


def test_another_page_of_the_app_has_an_address_of_its_own(context: BrowserContext) -> None:
    page = context.new_page()
    traffic = Traffic.of(page)
    page.goto(f"{HERE}/second")
    expect(page.get_by_role("heading", name="The second page")).to_be_visible()
    assert traffic.paths[0] == f"{HERE}/second"
    assert traffic.codings[f"{HERE}/second"] == "br"
    assert not [path for path in traffic.paths if "/second/static/" in path]


@pytest.mark.parametrize("where", ["", "second"])
def test_a_page_wakes_its_app_before_its_scripts_are_there(
    context: BrowserContext, gateway: Gateway, where: str
) -> None:
    address = gateway.run / "upstreams/asleep"
    address.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sleeping:
        sleeping.settimeout(PATIENCE)
        sleeping.bind(os.path.relpath(address))
        sleeping.listen(8)
        page = context.new_page()
        page.route("**/assets/**", lambda route: route.abort())
        page.goto(f"/app/hello/~asleep/{where}", wait_until="commit")
        connection, _ = sleeping.accept()
        with connection:
            connection.settimeout(PATIENCE)
            asked = connection.recv(4096).split(b"\r\n")[0]
        assert asked == b"GET /app/hello/~asleep/_stcore/host-config HTTP/1.1"
        page.close()
