"""Video library: sign in, upload videos, watch them; nobody else's are to be seen."""

import streamlit as st

from library_page.library import library

st.set_page_config("Video library", "🎬", layout="centered")
library()
