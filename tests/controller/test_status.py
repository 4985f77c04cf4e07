"""`status` at each width, as JSON and for one app."""

import time

import click
import pytest

from streamlit_controls.controller import status_view
from tests.controller import documents
from tests.controller.conftest import CommandLine
from tests.controller.fake_manager import FakeManager, reply

WIDE = """\
Streamlit Controller 0.1.0 at http://127.0.0.1:5000/, up 1h 1m

APP             STATE     URL                                            PORT   PID  UPTIME  RESTARTS   CPU  MEMORY  SESSIONS
hello           running   http://127.0.0.1:5000/hello/                   8501  9501   1h 1m         0  0.4%  118 MB         2
media-explorer  running   http://127.0.0.1:5000/media-explorer/          8502                       0  0.8%  237 MB         3
  ~k3f9         running                                                  8502  9502   1h 1m            0.4%  118 MB         2
  ~p7wd         draining                                                 8504  9504   1h 1m            0.4%  118 MB         1
  media-server  running   http://127.0.0.1:5000/app/media-explorer/api/  8503  9503   1h 1m         1  0.4%   58 MB
sales           running!  http://127.0.0.1:5000/sales/                   8505  9505   1h 1m         0  0.4%  118 MB         2
broken          failed    http://127.0.0.1:5000/broken/                  8506                       5
night           sleeping  http://127.0.0.1:5000/night/                   8507                       0
gateway         running   http://127.0.0.1:5000/                         5000  4703   1h 1m         0  0.1%   33 MB
website         running                                                  8500  4702   1h 1m         0  0.1%   46 MB
manager         running                                                  8499  4700   1h 1m            0.0%   39 MB

Problem: apps.sales.port: 8499 is the manager's own port
    choose another port

sales: KeyError: 'region'

broken: app.py, line 3: SyntaxError: '(' was never closed
    |     st.title(
    |             ^
    | SyntaxError: '(' was never closed
"""  # noqa: E501
NARROW = """\
APP             STATE     URL                       PORT   PID  UPTIME  MEMORY
hello           running   /hello/                   8501  9501   1h 1m  118 MB
media-explorer  running   /media-explorer/          8502                237 MB
  ~k3f9         running                             8502  9502   1h 1m  118 MB
  ~p7wd         draining                            8504  9504   1h 1m  118 MB
  media-server  running   /app/media-explorer/api/  8503  9503   1h 1m   58 MB
"""


def shown(width: int | None) -> str:
    lines = status_view.lines(documents.busy(), documents.NOW, width)
    return "".join(f"{click.unstyle(line)}\n" for line in lines)


def test_all_of_it_where_there_is_room() -> None:
    assert shown(None) == WIDE
    assert shown(130) == WIDE


def test_80_columns() -> None:
    text = shown(80)
    assert NARROW in text
    table = text.split("\n\n")[1]
    assert max(map(len, table.splitlines())) <= 80


@pytest.mark.parametrize("width", [60, 80, 100, 119, 120, 160])
def test_the_table_fits(width: int) -> None:
    table = shown(width).split("\n\n")[1]
    assert max(map(len, table.splitlines())) <= width


@pytest.mark.parametrize("width", [None, 80, 120])
def test_a_very_long_name_is_shortened_in_its_middle(width: int | None) -> None:
    key = f"sales-{'x' * 228}-today"
    document = documents.status(
        {"hello": documents.app("hello", 8501), key: documents.app(key, 8502)}
    )
    lines = [click.unstyle(line) for line in status_view.lines(document, documents.NOW, width)]
    assert max(map(len, lines)) <= (width or 220)
    [line] = [line for line in lines if line.startswith("sales-xxx")]
    name, state, url, *_ = line.split()
    assert (len(name), state) == (32, "running")
    assert "x…x" in name
    assert name.endswith("-today")
    assert url.endswith("x-today/")
    assert any(line.startswith("hello   ") for line in lines)


def test_an_own_process_that_is_down_says_why() -> None:
    gateway = documents.own(5000, None, state="backoff", started_at=None, error="port 5000")
    document = documents.status({}, gateway=gateway)
    text = "\n".join(status_view.lines(document, documents.NOW, None))
    assert "gateway:" in click.unstyle(text)
    assert click.unstyle(text).endswith("gateway: port 5000")


def test_piped_it_has_no_colours(run: CommandLine, manager: FakeManager) -> None:
    said = run("status")
    assert said.code == 0
    assert "\x1b" not in said.out
    assert "hello    running  http://127.0.0.1:5000/hello/" in said.out


def test_json_is_the_document_itself(run: CommandLine, manager: FakeManager) -> None:
    manager.answers["status"] = [reply(documents.busy())]
    assert run("status", "--json").document == documents.busy()


def test_one_app(run: CommandLine, manager: FakeManager) -> None:
    manager.answers["status"] = [reply(documents.busy())]
    said = run("status", "broken")
    assert "broken" in said.out
    assert "hello" not in said.out
    assert list(run("status", "broken", "--json").document["apps"]) == ["broken"]


def test_an_unknown_app_is_wrong_usage(run: CommandLine, manager: FakeManager) -> None:
    said = run("status", "helo")
    assert (said.code, said.out) == (2, "")
    assert said.err == "Error: there is no app 'helo'\nHint: did you mean hello?\n"


def test_without_a_manager(run: CommandLine) -> None:
    said = run("status")
    assert said.code == 3
    assert said.err == (
        "Error: Streamlit Controller is not running\n"
        "Hint: start it with ./streamlit_controller start\n"
    )
    assert run("status", "--json").document["error"]["code"] == "not-running"


def test_one_app_tells_why_its_last_process_ended(run: CommandLine, manager: FakeManager) -> None:
    end = {"reason": "was ended by SIGKILL", "at": time.time() - 300.5}
    manager.answers["status"] = [
        reply(documents.status({"hello": documents.app("hello", 8501, last_end=end)}))
    ]
    assert run("status", "hello").out.splitlines()[-1] == (
        "hello: its last process was ended by SIGKILL, 5m ago"
    )
    assert "SIGKILL" not in run("status").out
