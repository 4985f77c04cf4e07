"""A service that tells what it knows about its own process, and has children work for it."""

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import facts  # type: ignore[import-not-found]
import page


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    if scope["path"].endswith("/work"):
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            answer: Any = list(pool.map(abs, [-1, 2, -3]))
    else:
        answer = {**facts.facts(), "page": page.WHOSE}
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
