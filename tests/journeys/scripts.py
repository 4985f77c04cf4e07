"""Streamlit scripts of the apps in journeys."""

SLIDER = """
import streamlit as st
value = st.slider("Value", 0, 100, 7)
st.write(f"The value is {value}")
"""

PLAIN = "warm = false\n"
"""The app.toml of an app that is started, not forked: the sooner if it is alone."""

PAGES = """
import streamlit as st
pages = [
    st.Page(lambda: st.title("First"), title="First page", url_path="first", default=True),
    st.Page(lambda: st.title("Second"), title="Second page", url_path="second"),
]
st.navigation(pages).run()
st.write("query: " + st.query_params.get("who", "nobody"))
"""

ECHO_SERVICE = '''
"""An ASGI app that needs no framework: counts what is uploaded, and streams an answer slowly."""
import asyncio
import json


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message["body"])
        more = message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"].endswith("/upload"):
        await send({"type": "http.response.body", "body": json.dumps({"size": size}).encode()})
    elif scope["path"].endswith("/stream"):
        await send({"type": "http.response.body", "body": b"first\\n", "more_body": True})
        while not (await receive())["type"] == "http.disconnect":
            pass
    else:
        answer = {"path": scope["path"], "root_path": scope["root_path"]}
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        answer["headers"] = headers
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
'''

ECHO_MANIFEST = """
name = "With a service"
icon = "🧪"
tags = ["testing"]

[services.echo]
asgi = "echo:app"
mount = "api"
"""
