"""Calls of a media server's routes: quoted, bounded in time, and every failure in words."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import httpx

from explorer.gallery import GalleryError

# Listing a large folder on a slow disk takes seconds; being refused does not.
TIMEOUT = httpx.Timeout(15, connect=3)

# The server's own hint is for programs.
_UNAUTHORISED = "Whoever runs this page sets TOKEN in .streamlit/secrets.toml to the server's."

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_Answer = TypeVar("_Answer")


class MediaClient:
    """One server; `token` gives what its changes need, each time, as it may be made anew."""

    def __init__(
        self,
        server_url: str,
        token: Callable[[], str],
        *,
        timeout: httpx.Timeout = TIMEOUT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._server_url = server_url
        self._token = token
        # A company proxy in the environment cannot reach this machine's own loopback.
        proxied = urlsplit(server_url).hostname not in _LOOPBACK
        self._client = httpx.Client(timeout=timeout, trust_env=proxied, transport=transport)

    def close(self) -> None:
        self._client.close()

    def get(
        self,
        read: Callable[[Any], _Answer],
        *segments: str,
        parameters: Mapping[str, str] | None = None,
    ) -> _Answer:
        """Ask what anybody may know, and read the JSON of the answer."""
        return self._ask("GET", read, segments, parameters=parameters)

    def authorised(self, method: str, read: Callable[[Any], _Answer], *segments: str) -> _Answer:
        """Ask what only those may who have the server's token."""
        token = self._token()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self._ask(method, read, segments, headers=headers)

    def _ask(
        self,
        method: str,
        read: Callable[[Any], _Answer],
        segments: tuple[str, ...],
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> _Answer:
        url = f"{self._server_url}/{path_of(*segments)}"
        try:
            answer = self._send(method, url, parameters, headers)
            if answer.is_success:
                return read(answer.json())
            reason = answer.json()["error"]
            hint = _UNAUTHORISED if answer.status_code == 401 else reason["hint"]
            raise GalleryError(reason["message"], hint, gone=answer.status_code == 404)
        except httpx.TimeoutException:
            raise GalleryError(
                "The media server does not answer in time.", "It may be busy: try again."
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise GalleryError(
                "The media server cannot be reached.", "Is it running? Its log may say why not."
            ) from None
        except (ValueError, KeyError, TypeError):
            raise GalleryError(
                "What answers at the media server's address is not a media server.",
                "Check HOST and PORT in .streamlit/secrets.toml.",
            ) from None

    def _send(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> httpx.Response:
        try:
            return self._client.request(method, url, params=parameters, headers=headers)
        except httpx.RemoteProtocolError:
            # A server that is recycled may close a connection just as it is used once more.
            if method != "GET":
                raise
            return self._client.request(method, url, params=parameters, headers=headers)


def path_of(*segments: str) -> str:
    """A path of which no name can become another one, whatever is in it."""
    return "/".join(quote(segment, safe="") for segment in segments)
