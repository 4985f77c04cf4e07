"""The page around an app may speak to it, where it is of the same site."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.runner.processes import RUNNER
from tests.support.asynchronous import bounded


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(RUNNER))
    import controller_host

    yield controller_host
    sys.modules.pop("controller_host")


async def ask(host: Any, path: str, body: bytes, status: int = 200) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body of an answer that comes in two pieces."""
    said: list[Any] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body[:4], "more_body": True})
        await send({"type": "http.response.body", "body": body[4:]})

    async def sent(message: Any) -> None:
        said.append(message)

    scope = {"type": "http", "path": path, "headers": [(b"host", b"apps.example.com:5000")]}
    await host.Hosted(app)(scope, None, sent)
    headers = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
    return headers, b"".join(each["body"] for each in said[1:])


@bounded
async def test_its_own_site_is_added(host: Any) -> None:
    body = json.dumps({"allowedOrigins": ["https://other"], "more": 1}).encode()
    headers, answer = await ask(host, "/app/x/~abc234/_stcore/host-config", body)
    own = ["https://apps.example.com:5000", "http://apps.example.com:5000"]
    assert json.loads(answer) == {"allowedOrigins": ["https://other", *own], "more": 1}
    assert headers["content-length"] == str(len(answer))


@pytest.mark.parametrize("body", [b"no json", b"{}", b"[]", b'{"allowedOrigins": null}'])
def test_what_it_does_not_know_it_leaves_alone(host: Any, body: bytes) -> None:
    @bounded
    async def history() -> None:
        headers, answer = await ask(host, "/_stcore/host-config", body)
        assert answer == body
        assert headers["content-length"] == str(len(body))
        assert (await ask(host, "/_stcore/host-config", body, status=500))[1] == body
        assert (await ask(host, "/_stcore/health", body))[1] == body

    history()
