"""`doctor` finds what is wrong and says what to do, whatever is broken."""

import http.server
import os
import resource
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamlit_controls import disk
from streamlit_controls.controller.checks import check, machine, network, wishes
from streamlit_controls.controller.checks.check import Check, Verdict, ok
from streamlit_controls.controller.checks.running import Running
from streamlit_controls.core.errors import Problem
from streamlit_controls.project import Project
from tests.controller import documents
from tests.controller.conftest import CommandLine
from tests.controller.fake_manager import FakeManager, reply


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def configure(project: Project, apps: str = "", **changes: int) -> None:
    website, manager, site, app = free_ports(4)
    keys = {
        "website_port": website,
        "manager_port": manager,
        "site_port": site,
        "first_app_port": app,
        **changes,
    }
    text = ", ".join(f'"{key}": {value}' for key, value in keys.items())
    project.config_file.write_text(f'{{{text}, "apps": {{{apps}}}}}')


def only(found: Iterator[Check]) -> Check:
    [one] = list(found)
    return one


def test_all_in_order(run: CommandLine, project: Project) -> None:
    configure(project)
    said = run("doctor")
    assert said.code == 0, said.out
    assert said.out.splitlines()[0].startswith("ok    Python: 3.")
    assert said.out.endswith("\nAll is in order\n")
    document = run("doctor", "--json").document
    assert document["ok"] is True
    assert {"name", "verdict", "message", "hint"} == set(document["checks"][0])


def test_a_broken_configuration_is_told_and_all_else_is_looked_at(
    run: CommandLine, project: Project
) -> None:
    project.config_file.write_text('{"website_prot": 5000, "apps": {"a": {"port": "x"}}}')
    said = run("doctor")
    assert said.code == 1
    assert "fail  config.json: website_prot: unknown key\n      → did you mean website_port" in (
        said.out
    )
    assert "fail  config.json: apps.a.port: should be a whole number" in said.out
    assert "warn  ports: are not looked at: config.json does not tell them" in said.out
    assert said.out.rstrip().endswith("problems found")


def test_no_json_at_all(project: Project) -> None:
    project.config_file.write_text("{,}")
    assert "no JSON" in only(wishes.configuration(project)).message
    assert list(wishes.environments(project)) == []


def test_a_broken_manifest_and_a_missing_folder(project: Project) -> None:
    (project.apps / "a").mkdir(parents=True)
    (project.apps / "a" / "app.toml").write_text("nme = 1")
    configure(project, '"a": {}, "b": {}')
    found = [(each.verdict, each.name) for each in wishes.configuration(project)]
    assert (Verdict.FAIL, "app a") in found
    assert (Verdict.FAIL, "app b") in found


def test_environments(project: Project) -> None:
    (project.apps / "a").mkdir(parents=True)
    configure(project, '"a": {"venv": "apps/a/mine"}')
    fault, none = list(wishes.environments(project))
    assert "has no bin/python" in fault.message
    assert none.verdict is Verdict.WARN
    (project.environments / "0123").mkdir(parents=True)
    assert list(wishes.environments(project))[-1].message.startswith("1 built in ")


def test_a_taken_port_names_its_holder(project: Project, taken: int) -> None:
    configure(project, website_port=taken)
    found = only(network.ports(Running(project)))
    assert found.verdict is Verdict.FAIL
    assert found.name == f"port {taken}"
    assert found.message.startswith("for the site, is taken by ")
    assert "pid" in found.message or "another account" in found.message


def test_ports_of_a_manager_that_runs_are_ours(project: Project, taken: int) -> None:
    configure(project, website_port=taken)
    with FakeManager(project, status=[reply(documents.status(website_port=taken))]):
        assert only(network.ports(Running(project))).verdict is Verdict.OK


def test_a_port_that_nobody_listens_on_any_more(project: Project) -> None:
    """The one that closes first keeps the port for a while (TIME_WAIT)."""
    with socket.socket() as listener:  # without SO_REUSEADDR: nobody may have the port meanwhile
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as caller:
            listener.accept()[0].close()
            assert caller.recv(1) == b""
    configure(project, website_port=port)
    found = only(network.ports(Running(project)))
    assert found.verdict is Verdict.WARN
    assert found.message == (
        "for the site, has connections that have not quite ended; nobody listens on it"
    )


def test_a_broken_configuration_beside_a_manager(project: Project) -> None:
    """The defaults are nobody's: what counts is what the manager has."""
    project.config_file.write_text("{,}")
    with FakeManager(project):
        assert only(network.ports(Running(project))).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (PermissionError(13, "Permission denied"), "not for ordinary accounts", "1024"),
        (OSError(99, "Cannot assign requested address"), "Cannot assign", "correct host"),
    ],
)
def test_ports_that_cannot_be_had(error: OSError, message: str, hint: str) -> None:
    found = network._refused(error, "10.0.0.1", 80, "the site")
    assert message in found.message
    assert hint in found.hint


@pytest.mark.parametrize(
    ("status", "verdict"), [(200, Verdict.OK), (404, Verdict.OK), (502, Verdict.FAIL)]
)
def test_the_gateway(project: Project, status: int, verdict: Verdict) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        answering = threading.Thread(target=server.handle_request)
        answering.start()
        project.config_file.write_text("{,}")  # the address in force is the manager's to tell
        url = f"http://127.0.0.1:{server.server_port}/"
        with FakeManager(project, status=[reply(documents.status(url=url))]):
            assert only(network.gateway(Running(project))).verdict is verdict
        answering.join(10)


def test_a_gateway_that_is_down(project: Project) -> None:
    assert list(network.gateway(Running(project))) == []
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}/"
    with FakeManager(project, status=[reply(documents.status(url=url))]):
        found = only(network.gateway(Running(project)))
    assert found.message.startswith(f"{url} does not answer: ")


def test_little_disk(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = []
    for free in (10 * 1024**3, 1024**3, 1024**2):
        usage = type("Usage", (), {"free": free})
        monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
        verdicts.append(only(machine.disk(project)).verdict)
    assert verdicts == [Verdict.OK, Verdict.WARN, Verdict.FAIL]


def test_a_full_disk(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    full = Problem("disk", "nothing is left on the disk of /srv", "free some space")
    monkeypatch.setattr(disk, "lacking", lambda _: iter([full]))
    check = only(machine.disk(project))
    assert (check.verdict, check.message, check.hint) == (Verdict.FAIL, full.message, full.hint)


@pytest.mark.parametrize(
    ("limits", "verdict"),
    [((1024, 1024), Verdict.WARN), ((1024, 65536), Verdict.WARN), ((-1, -1), Verdict.OK)],
)
def test_few_open_files(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    limits: tuple[int, int],
    verdict: Verdict,
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    assert only(machine.open_files(project)).verdict is verdict


def test_places_that_cannot_be_written(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, _: path != project.root)
    assert {each.verdict for each in machine.write_access(project)} == {Verdict.FAIL}
    project.logs.mkdir()
    assert not any("logs" in each.message for each in machine.write_access(project))


def test_programs_that_are_broken(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    (tmp_path / "uv").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "uv").chmod(0o755)
    (tmp_path / "caddy").write_text("no program")
    (tmp_path / "caddy").chmod(0o755)
    first, second = machine.programs(project)
    assert "ends with code 3" in first.message
    assert "does not run" in second.message
    (tmp_path / "uv").unlink()
    assert "is not there" in next(machine.programs(project)).message


def test_a_look_that_breaks_does_not_stop_the_others(project: Project) -> None:
    def broken_look(_: Project) -> Iterator[Check]:
        raise RuntimeError("what")

    def good(_: Project) -> Iterator[Check]:
        yield ok("good", "is good")

    first, second = check.run([broken_look, good], project)
    assert (first.name, first.message) == ("broken look", "cannot be checked: RuntimeError: what")
    assert second.verdict is Verdict.OK
