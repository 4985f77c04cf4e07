"""ShinyHub, a host for Shiny apps that runs Streamlit apps too, set up as its manual says."""

import json
from pathlib import Path
from typing import Any

import psutil

from benchmarks.client import Connection, NotThere
from benchmarks.contender import Contender, Unsupported, streamlit_run, until
from benchmarks.environments import PLAIN, SHINYHUB
from benchmarks.ports import free_ports
from benchmarks.sample import App

COMMAND = SHINYHUB / "bin" / "shinyhub"
TOKEN = "benchmarks-0123456789abcdef0123456789abcdef"  # noqa: S105 - of a server of our own
PASSWORD = "benchmarks-password"  # noqa: S105
SESSIONS = 1000
"""Its cap of sessions for an app, 10 by default."""
DEPLOYMENTS = 10
"""How many it takes in a minute, counted from its start."""
SETTINGS = """
database: {{driver: sqlite, dsn: {folder}/hub.db}}
server: {{host: 127.0.0.1, port: {port}, base_url: "http://127.0.0.1:{port}", shutdown_apps: stop}}
auth: {{secret: {token}}}
storage: {{apps_dir: {folder}/apps, app_data_dir: {folder}/data}}
defaults: {{app_visibility: public}}
"""
MANIFEST = """
[app]
command = {command}
max_sessions_per_replica = {sessions}
hibernate_timeout_minutes = 0
"""


class ShinyHub(Contender):
    """One server; the apps are deployed before anything is measured."""

    name = "shinyhub"
    sleeps = True
    most = 50

    @classmethod
    def version(cls) -> str:
        if not COMMAND.exists():
            raise Unsupported("ShinyHub is not installed")
        [metadata] = SHINYHUB.glob("lib/*/site-packages/shinyhub-*.dist-info")
        return f"ShinyHub {metadata.name.removeprefix('shinyhub-').removesuffix('.dist-info')}"

    def prepare(self) -> None:
        [port] = free_ports(1)
        self._address = f"http://127.0.0.1:{port}"
        settings = SETTINGS.format(folder=self.folder, port=port, token=TOKEN)
        (self.folder / "shinyhub.yaml").write_text(settings)
        for app in self.apps:
            folder = self.folder / "bundles" / app.key
            app.write(folder)
            (folder / "shinyhub.toml").write_text(_manifest())
        for first in range(0, len(self.apps), DEPLOYMENTS):
            self.launch()
            until(self._listens, "ShinyHub listens")
            for app in self.apps[first : first + DEPLOYMENTS]:
                self._deploy(app)
            self.stop()

    def launch(self) -> None:
        settings = str(self.folder / "shinyhub.yaml")
        self.spawn([str(COMMAND), "serve", "--config", settings, "--no-browser"])

    def wait(self) -> None:
        until(self._listens, "ShinyHub listens")
        if not self.asleep:
            super().wait()

    def page(self, app: App) -> str:
        return f"{self._address}/app/{app.key}/"

    def direct(self, app: App) -> str:
        return f"{self._shown(app)['replicas_status'][0]['endpoint_url']}/"

    def sleep(self, app: App) -> None:
        self.call([str(COMMAND), "apps", "sleep", app.key])  # ends when it does

    def status_command(self) -> list[str]:
        return [str(COMMAND), "apps", "list"]

    def supervisors(self) -> list[psutil.Process]:
        return [one for one in self.processes() if "serve" in one.cmdline()]

    def environment(self) -> dict[str, str]:
        own = {"SHINYHUB_DEPLOY_TOKEN": TOKEN, "SHINYHUB_TOKEN": TOKEN}
        own |= {"SHINYHUB_HOST": self._address, "SHINYHUB_ADMIN_USER": "admin"}
        return {**super().environment(), **own, "SHINYHUB_ADMIN_PASSWORD": PASSWORD}

    def _deploy(self, app: App) -> None:
        bundle = str(self.folder / "bundles" / app.key)
        self.call([str(COMMAND), "deploy", bundle, "--slug", app.key, "--wait"])
        if self.asleep:
            self.sleep(app)

    def _listens(self) -> bool:
        try:
            connection = Connection(self._address)
            try:
                connection.get(f"{self._address}/healthz")
            finally:
                connection.close()
        except (OSError, NotThere):
            return False
        return True

    def _shown(self, app: App) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(
            self.call([str(COMMAND), "apps", "show", app.key, "-o", "json"])
        )
        return shown


def _manifest() -> str:
    options = ["--server.enableCORS", "false", "--server.enableXsrfProtection", "false"]
    command = streamlit_run(PLAIN, Path("app.py"), 0, *options)
    command[command.index("--server.port") + 1] = "{port}"
    command[command.index("--server.address") + 1] = "{host}"
    return MANIFEST.format(command=json.dumps(command), sessions=SESSIONS)
