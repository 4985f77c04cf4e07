"""Apps and services that tell when something of theirs was lost."""

COUNTER = """
import os
import streamlit as st
st.session_state.count = st.session_state.get("count", 0) + 1
value = st.slider("Value", 0, 100, 7)
st.write(f"run {st.session_state.count} value {value} pid {os.getpid()}")
"""
"""Tells how often this session ran, with what value, and in which process."""

SERVICE_MANIFEST = """
[services.served]
asgi = "served:app"
mount = "api"
"""

SERVICE = '''
"""Answers at once, when a file `go` is there, or on a websocket; always with its process's number.

`held` has begun its answer before it waits for the file, `late` has not.
"""
import asyncio
import os

PID = str(os.getpid()).encode()
PIECES, PIECE = 100, b"x" * 10_000


async def app(scope, receive, send):
    if scope["type"] == "websocket":
        await talk(receive, send)
    elif scope["type"] == "http":
        await receive()
        held = scope["path"].endswith("/held")
        if scope["path"].endswith("/late"):
            await go()
        length = str(len(PID) + held * PIECES * len(PIECE)).encode()
        await send({
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", length)],
        })
        if held:
            await send({"type": "http.response.body", "body": PIECE, "more_body": True})
            await go()
            for _ in range(PIECES - 1):
                await send({"type": "http.response.body", "body": PIECE, "more_body": True})
        await send({"type": "http.response.body", "body": PID})


async def go():
    with open("asked", "a") as asked:
        print("asked", file=asked)
    while not os.path.exists("go"):
        await asyncio.sleep(0.02)


async def talk(receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": PID.decode()})
'''

HUNGRY = (
    COUNTER
    + """
import contextlib

@st.cache_resource
def eaten():
    return []

with contextlib.suppress(FileNotFoundError):
    os.rename("eat", "eats")  # by one process, once
    with open("eats") as file:
        eaten().append(bytearray(b"x") * (int(file.read()) * 1024**2))
"""
)
"""Takes as many more megabytes of memory as the file `eat` says."""
