"""nginx in front of `streamlit run`, set up by hand as most people do it."""

import os
import shutil
import subprocess

from benchmarks.contender import Contender, Unsupported, streamlit_run
from benchmarks.ports import free_ports
from benchmarks.sample import App

CONFIGURATION = """
{user}
worker_processes auto;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_read_timeout 86400;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    server {{
        listen 127.0.0.1:{port};
{locations}
    }}
}}
"""
LOCATION = "        location /{key}/ {{ proxy_pass http://127.0.0.1:{port}; }}"


class Nginx(Contender):
    """One server with a location for each app."""

    name = "nginx"

    @classmethod
    def version(cls) -> str:
        if shutil.which("nginx") is None:
            raise Unsupported("nginx is not on PATH (apt install nginx-light)")
        told = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True)
        release = told.stderr.partition("nginx/")[2].strip()
        return f"nginx {release} before `streamlit run`"

    def prepare(self) -> None:
        self._port, *ports = free_ports(1 + len(self.apps))
        self._ports = dict(zip(self.apps, ports, strict=True))
        for app in self.apps:
            app.write(self.folder / app.key)
        locations = [LOCATION.format(key=app.key, port=port) for app, port in self._ports.items()]
        (self.folder / "nginx.conf").write_text(
            CONFIGURATION.format(
                user="user root;" if os.geteuid() == 0 else "",
                folder=self.folder,
                port=self._port,
                locations="\n".join(locations),
            )
        )

    def launch(self) -> None:
        for app, port in self._ports.items():
            folder = self.folder / app.key
            options = ["--server.baseUrlPath", app.key]
            self.spawn(streamlit_run(self.venv, folder / "app.py", port, *options), folder)
        self.spawn(["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")])

    def page(self, app: App) -> str:
        return f"http://127.0.0.1:{self._port}/{app.key}/"

    def direct(self, app: App) -> str:
        return f"http://127.0.0.1:{self._ports[app]}/{app.key}/"
