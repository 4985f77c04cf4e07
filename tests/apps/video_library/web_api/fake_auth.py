"""An auth service that believes every password, for tests of what asks it."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send


@dataclass
class FakeAuth:
    """Answers as the real one does, unless it is given other `answers` for a method and a path."""

    answers: dict[tuple[str, str], Response] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    """Addresses by tokens."""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Methods, paths and headers of all requests."""

    def sign_in(self, email: str) -> dict[str, Any]:
        """Begin a session; return what the real one tells."""
        token = secrets.token_urlsafe(32)
        self.sessions[token] = email
        return {"token": token, **self._session(token)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope, receive)
            self.asked.append((request.method, request.url.path, dict(request.headers)))
            await (await self._answer(request))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        given = self.answers.get((request.method, request.url.path))
        if given is not None:
            return given
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        match request.method, request.url.path:
            case "POST", "/users":
                return JSONResponse({"message": "Thank you."}, 202)
            case "POST", "/sessions":
                email = (await request.json())["email"]
                if "@" not in email[1:]:
                    return refusal(422, "invalid-email")
                return JSONResponse(self.sign_in(email), 201)
            case "GET", "/sessions/current" if token in self.sessions:
                return JSONResponse(self._session(token))
            case "DELETE", "/sessions/current":
                self.sessions.pop(token, None)
                return Response(status_code=204)
        return refusal(401, "no-session")

    def _session(self, token: str) -> dict[str, Any]:
        email = self.sessions[token]
        return {
            "email": email,
            "user_id": user_id_of(email),
            "csrf_token": hmac.new(token.encode(), b"csrf", "sha256").hexdigest(),
            "expires_at": (datetime.now(UTC) + timedelta(days=7)).isoformat(),
        }


def user_id_of(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()[:32]


def refusal(status: int, code: str, **headers: str) -> JSONResponse:
    """Return an answer that says no, as the real one does."""
    error = {"code": code, "message": "No.", "hint": "Do something else."}
    return JSONResponse({"error": error}, status, headers)
