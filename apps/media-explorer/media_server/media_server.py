"""The media server: the media service over HTTP.

`uvicorn media_server:app` in this folder, or `python media_server.py [host] [port]`.
"""

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from fastapi_offline import FastAPIOffline

from change_routes import change_routes
from media_error import MediaConfigError
from media_routes import media_routes
from media_service import HERE, MediaService
from media_token import load_token
from server_config import ServerConfig
from server_error import NoSniff, handle_errors
from service_holder import ServiceHolder


def create_app(load: Callable[[], MediaService], token: Callable[[], str]) -> FastAPI:
    """A server for the service that `load` gives, now and at each /reload; `token` allows changes.

    Its root_path comes from whoever runs it (ASGI's root_path).
    """
    held = ServiceHolder(load)
    app = FastAPIOffline(  # its documentation page loads nothing from somebody else's site
        title="Media server",
        description="Pictures, thumbnails and videos of the media explorer's sources.",
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    handle_errors(app)
    app.add_middleware(NoSniff)

    @app.get("/", include_in_schema=False)
    def root(request: Request) -> RedirectResponse:
        return RedirectResponse(f"{request.scope.get('root_path', '').rstrip('/')}/docs")

    app.include_router(media_routes(held))
    app.include_router(change_routes(held, token))
    return app


def load_app(folder: Path = HERE) -> FastAPI:
    """The server of a folder's media_service.toml and media_server.toml."""
    return create_app(partial(MediaService.load, folder), partial(load_token, folder))


def main(arguments: list[str]) -> int:
    """Serve until interrupted; a configuration that cannot be used is one clear line."""
    import uvicorn

    try:
        config = ServerConfig.load(HERE, arguments)
        served = load_app()
    except MediaConfigError as error:
        print(f"{error.message} {error.hint}".strip(), file=sys.stderr)  # noqa: T201
        return 2
    root_path = os.environ.get("ROOT_PATH", "")
    uvicorn.run(served, host=config.host, port=config.port, root_path=root_path)
    return 0


def __getattr__(name: str) -> FastAPI:
    """`app` is made when a server asks for it, so importing this module reads no configuration."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = load_app()
    globals()["app"] = made
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
