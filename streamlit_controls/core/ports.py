"""Which port is whose: conflicts in what people wrote, and the next free one for the rest."""

from collections.abc import Iterator
from dataclasses import replace

from streamlit_controls.core.config import App, Config
from streamlit_controls.core.errors import ConfigError, Problem

LAST_PORT = 65535


def after(port: int) -> int:
    """Return the next port, or the one before where there is no next."""
    return port + 1 if port < LAST_PORT else port - 1


def conflicts(config: Config) -> list[Problem]:
    """Return a problem for each port that somebody else has already."""
    owners = {config.manager_port: "the manager's own port"}
    found = []
    for path, port, owner in _claims(config):
        if not port:
            continue
        if port in owners:
            found.append(Problem(path, f"{port} is {owners[port]}", "choose another port"))
        else:
            owners[port] = owner
    return found


def assign(config: Config) -> Config:
    """Return the configuration with a port for every app and service that has none.

    What has a port keeps it; then apps, then services, in the order of config.json. Raises
    ConfigError where there are not enough.
    """
    free = unused(config)
    apps = [replace(app, port=app.port or next(free)) for app in config.apps]
    apps = [
        replace(
            app,
            services=tuple(replace(each, port=each.port or next(free)) for each in app.services),
        )
        for app in apps
    ]
    return replace(config, apps=tuple(apps))


def taken(config: Config) -> set[int]:
    """Return every port that the configuration gives to somebody."""
    return {port for _, port, _ in _claims(config)} | {config.manager_port}


def unused(config: Config) -> Iterator[int]:
    """Yield the ports that nobody has, from the first one for apps on."""
    used = taken(config)
    for port in range(config.first_app_port, LAST_PORT + 1):
        if port not in used:
            yield port
    message = f"no port is free from {config.first_app_port} on"
    raise ConfigError([Problem("first_app_port", message, "choose a lower one")])


def _claims(config: Config) -> Iterator[tuple[str, int, str]]:
    yield "website_port", config.website_port, "the website's port"
    yield "site_port", config.site_port, "the site's own port"
    for app in config.apps:
        yield f"apps.{app.key}.port", app.port, f"the port of {app.key}"
    for app in config.apps:
        yield from _service_claims(app)


def _service_claims(app: App) -> Iterator[tuple[str, int, str]]:
    for service in app.services:
        yield (
            f"apps.{app.key}.services.{service.name}.port",
            service.port,
            f"the port of {app.key}'s {service.name}",
        )
