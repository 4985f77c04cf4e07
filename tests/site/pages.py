"""The Streamlit app that browser tests run: pages, query parameters, titles, links."""

APP = '''
import streamlit as st

def home():
    st.set_page_config(page_title="Home of demo", page_icon="🎈")
    st.title("Home")
    st.write("n is", st.query_params.get("n", "none"))
    if st.button("Next"):
        st.query_params["n"] = str(int(st.query_params.get("n", "0")) + 1)
        st.rerun()
    st.text_area("Note")
    st.header("Far below", anchor="far")
    st.html(
        """<p><a id="site" href="/other/">other app</a>
        <a id="top" href="numbers" target="_top">top</a>
        <a id="blank" href="numbers?x=2" target="_blank">blank</a></p>"""
    )

def numbers():
    st.set_page_config(page_title="Numbers of demo", page_icon="🔢")
    st.title("Numbers")
    st.write("x is", st.query_params.get("x", "none"))

st.navigation([
    st.Page(home, title="Home", url_path="home", default=True),
    st.Page(numbers, title="Numbers", url_path="numbers"),
]).run()
'''
