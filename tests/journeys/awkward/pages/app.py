"""Pages in a folder, and components of every kind."""

import json
import plistlib
from pathlib import Path

import labnew  # type: ignore[import-not-found]
import labold  # type: ignore[import-not-found]
import streamlit as st
import streamlit.components.v1 as components

own = components.declare_component("own", path=str(Path(__file__).parent / "part"))
inline = st.components.v2.component("inline", html="<b>inline</b>", js="export default () => {}")

own(word="one", key="own")
labold.old(word="two", key="old")
labnew.new(data={"word": "three"}, key="new")
inline(key="inline")
st.text(json.dumps({"plistlib": vars(plistlib)["WHOSE"]}))
try:
    import labadded  # type: ignore[import-not-found]
except ImportError:
    st.text("nothing added")
else:
    labadded.part(key="added")
    st.text("added")
