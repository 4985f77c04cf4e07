"""One picture and what it shows, or why that is not known."""

import streamlit as st

from classifier_page.backend import Answer
from classifier_page.chart import chart, spoken
from classifier_page.picture import Picture
from classifier_page.wording import plain


def answer_card(picture: Picture, answer: Answer, number: int) -> None:
    """Show a picture beside the chart of its likeliest classes."""
    best = answer.guesses[0]
    with st.container(border=True, key=f"card-{number}"):
        left, right = st.columns([2, 3], gap="medium", vertical_alignment="center")
        left.image(_preview(picture), width="stretch", alt=picture.name)
        with right:
            st.subheader(f"{best.label.capitalize()} · {best.probability:.0%}", anchor=False)
            st.altair_chart(chart(answer), alt=spoken(answer))
            st.caption(f"{plain(picture.name)} · {answer.model} · {answer.milliseconds:.0f} ms")


def refusal_card(picture: Picture, reason: str, number: int) -> None:
    """Show why a file was not looked at."""
    with st.container(border=True, key=f"card-{number}"):
        st.markdown(f"**{plain(picture.name)}**")
        st.error(plain(reason), icon=":material/broken_image:")


@st.cache_data(show_spinner=False, scope="session", max_entries=50)
def _preview(picture: Picture) -> bytes:
    return picture.preview()
