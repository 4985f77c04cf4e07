"""Image classifier: what is in a picture, as a service of its own sees it."""

import streamlit as st

from classifier_page.page import page

st.set_page_config("Image classifier", "🔎", layout="wide")
page()
