"""A service of accounts that makes every mistake."""

import asyncio
import json
import secrets
from typing import Annotated

from fastapi import Body, FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, Response

from tests.apps.video_library.auth.mistakes.subject import Subject

Given = Annotated[str, Body()]


def naive() -> Subject:
    users: list[dict[str, str]] = []
    sessions: list[dict[str, str]] = []
    app = FastAPI()
    worked = 0

    def find(email: str) -> dict[str, str] | None:
        return next((each for each in users if each["email"] == email), None)

    @app.post("/users")
    async def sign_up(email: Given, password: Given) -> Response:
        nonlocal worked
        if "@example.org" not in email or "<" in email:
            return HTMLResponse(f"{email} is no address", 422)
        if find(email):
            return JSONResponse({"message": "There is an account of this address."}, 409)
        await asyncio.sleep(0)  # where a database would be asked
        worked += 1
        users.append({"email": email, "password": password})
        return JSONResponse({"message": "Welcome."}, 201)

    @app.post("/sessions")
    async def sign_in(email: Given, password: Given) -> Response:
        nonlocal worked
        user = find(email)
        if user is None:
            return JSONResponse({"message": "There is no account of this address."}, 404)
        worked += 1
        if user["password"] != password:
            return JSONResponse({"message": "The password is wrong."}, 401)
        token = secrets.token_hex()
        sessions.append({"email": email, "token": token})
        return JSONResponse({"token": token}, 201)

    return Subject(
        app,
        stored=lambda: json.dumps([users, sessions]).encode(),
        worked=lambda: worked,
        accounts_of=lambda email: [each["email"] for each in users].count(email),
        accepts=lambda uri: uri.startswith("mongodb://"),
    )
