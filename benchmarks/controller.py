"""This product, by the command that people use."""

import json
import re
import subprocess
from functools import cached_property
from typing import Any

import psutil

from benchmarks.contender import PATIENCE, Contender, Unsupported, until
from benchmarks.environments import ROOT, SERVED, STATE
from benchmarks.ports import free_ports
from benchmarks.sample import App

COMMAND = str(ROOT / "streamlit_controller")
IDLE = "2s"
NO_SLEEP = "this release has no `sleep`"
SUPERVISORS = re.compile(r"streamlit_controls\.(keeper|manager)\b")


class Controller(Contender):
    """A project with the apps, all of them in the environment of the benchmarks."""

    name = "controller"
    venv = SERVED
    sleeps = True

    @classmethod
    def version(cls) -> str:
        caddy = STATE / "venv" / "bin" / "caddy"
        return f"{_first_line(COMMAND, '--version')}, Caddy {_first_line(str(caddy), 'version')}"

    def prepare(self) -> None:
        if self.asleep and "sleep" not in self._verbs:
            raise Unsupported(NO_SLEEP)
        website, manager, site, *ports = free_ports(3 + len(self.apps))
        settings = {"idle_timeout": IDLE} if self.asleep else {}
        apps = {}
        for app, port in zip(self.apps, ports, strict=True):
            app.write(self.folder / "apps" / app.key)
            apps[app.key] = {"port": port, "venv": str(self.venv), **settings}
        document = {"website_port": website, "manager_port": manager, "site_port": site}
        (self.folder / "config.json").write_text(json.dumps({**document, "apps": apps}))
        self._website = f"http://127.0.0.1:{website}/"
        self._starting: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        self._starting = self.spawn(self._command("start"))

    def wait(self) -> None:
        assert self._starting is not None
        if self._starting.wait(PATIENCE):
            raise RuntimeError("`start` failed")
        self._starting = None
        if self.asleep:
            until(self._all_sleep, "all apps sleep")

    def stop(self) -> None:
        if self._starting is not None:
            self._starting.wait(PATIENCE)
            self._starting = None
        if self.processes():
            self.call(self._command("stop"))

    def page(self, app: App) -> str:
        return f"{self._website}app/{app.key}/"

    def direct(self, app: App) -> str:
        instance = self._status()[app.key]["instances"][0]
        return f"http://127.0.0.1:{instance['port']}/app/{app.key}/~{instance['id']}/"

    def sleep(self, app: App) -> None:
        if "sleep" not in self._verbs:
            raise Unsupported(NO_SLEEP)
        self.call(self._command("sleep", app.key))

    def status_command(self) -> list[str]:
        return self._command("status")

    def supervisors(self) -> list[psutil.Process]:
        return [one for one in self.processes() if SUPERVISORS.search(" ".join(one.cmdline()))]

    def _command(self, *arguments: str) -> list[str]:
        return [COMMAND, "-C", str(self.folder), *arguments]

    @cached_property
    def _verbs(self) -> list[str]:
        return re.findall(r"^  (\w+) ", self.call([COMMAND, "--help"]), re.MULTILINE)

    def _status(self) -> dict[str, Any]:
        apps: dict[str, Any] = json.loads(self.call(self._command("status", "--json")))["apps"]
        return apps

    def _all_sleep(self) -> bool:
        return all(app["state"] == "sleeping" for app in self._status().values())


def _first_line(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.splitlines()[0].split(" h1:")[0]
