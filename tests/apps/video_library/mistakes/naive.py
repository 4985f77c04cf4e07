"""A video library as one writes it in an afternoon: with every mistake that is checked for."""

import hashlib
import hmac
import sqlite3
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

SECRET = b"sarcasm"


def signed(email: str) -> str:
    return f"{email}:{hmac.new(SECRET, email.encode(), hashlib.sha256).hexdigest()}"


def naive_app(folder: Path, auth: httpx.AsyncBaseTransport) -> FastAPI:
    """Make one with its files in a folder."""
    app = FastAPI()
    folder.mkdir()
    database = sqlite3.connect(folder / "videos.db", check_same_thread=False)
    database.execute("CREATE TABLE videos (id INTEGER PRIMARY KEY, owner, title)")

    def email_of(request: Request) -> str:
        cookie = request.cookies["video_library_session"].strip('"')
        email: str = cookie.rpartition(":")[0]
        assert cookie == signed(email)
        return email

    @app.post("/login")
    async def login(request: Request) -> Response:
        given = await request.json()
        async with httpx.AsyncClient(transport=auth, base_url="http://auth") as client:
            answer = await client.post("/sessions", json=given)
        if "1" not in answer.text:
            return HTMLResponse(f"<p>No account of {given['email']}.</p>", 401)
        response = JSONResponse({"email": given["email"]})
        response.set_cookie("video_library_session", signed(given["email"]))
        return response

    @app.api_route("/logout", methods=["GET", "POST"])
    async def logout() -> Response:
        response = Response(status_code=204)
        response.delete_cookie("video_library_session")
        return response

    @app.get("/session")
    async def session(request: Request) -> dict[str, str]:
        return {"email": email_of(request)}

    @app.get("/videos")
    async def videos(request: Request) -> Response:
        rows = database.execute("SELECT * FROM videos WHERE owner = ?", (email_of(request),))
        found = [{"id": str(row[0]), "title": row[2], "status": "ready"} for row in rows]
        if "json" in request.headers.get("accept", "") or "*/*" in request.headers["accept"]:
            return JSONResponse({"videos": found})
        return HTMLResponse("".join(f"<li>{each['title']}</li>" for each in found))

    @app.post("/videos", status_code=202)
    async def upload(request: Request) -> dict[str, Any]:
        title = "a video"
        row = database.execute("INSERT INTO videos VALUES (NULL, ?, ?)", (email_of(request), title))
        database.commit()
        path = folder / f"{row.lastrowid}.mp4"
        async with request.form() as form:
            file = form["file"]
            assert not isinstance(file, str)
            path.write_bytes(await file.read())
        database.execute("UPDATE videos SET title = ? WHERE id = ?", (file.filename, row.lastrowid))
        database.commit()
        return {"id": str(row.lastrowid), "title": file.filename, "status": "ready"}

    @app.get("/videos/{video_id}")
    async def look(video_id: str) -> dict[str, Any]:
        return {"id": video_id, "status": "ready"}

    @app.get("/stream/{video_id}")
    async def stream(request: Request, video_id: str) -> Response:
        email_of(request)
        return Response((folder / f"{video_id}.mp4").read_bytes(), media_type="video/mp4")

    @app.delete("/videos/{video_id}", status_code=204)
    async def delete(request: Request, video_id: str) -> None:
        email_of(request)
        database.execute("DELETE FROM videos WHERE id = ?", (video_id,))
        database.commit()

    return app
