"""The page: pictures in, what they show out."""

import streamlit as st

from classifier_page.away import away_notice
from classifier_page.backend import Answer, Away, Backend, Refused
from classifier_page.card import answer_card, refusal_card
from classifier_page.picture import Picture, samples
from classifier_page.wording import plain

INTRODUCTION = """
A small neural network says what is in your pictures: the likeliest of a thousand things, from
*abacus* to *zucchini*.
"""
KEPT = "Pictures stay in memory, and no longer than this page is open."
MOST_PICTURES = 20
MOST_MEGABYTES = 10


def page() -> None:
    """Take pictures, and show each beside what it shows, in the order in which they were chosen."""
    st.title("Image classifier", anchor=False)
    st.markdown(INTRODUCTION)
    backend = Backend.from_environment()
    for number, picture in enumerate(_chosen()):
        try:
            with st.spinner(f"Looking at {plain(picture.name)} …"):
                answer = _classify(backend, picture.content)
        except Refused as refusal:
            refusal_card(picture, str(refusal), number)
        except Away as problem:
            away_notice(backend, problem)
            return
        else:
            answer_card(picture, answer, number)


def _chosen() -> list[Picture]:
    """Offer to choose pictures; return those that were."""
    uploaded = st.file_uploader(
        "Your pictures",
        type="image",
        accept_multiple_files=True,
        max_upload_size=MOST_MEGABYTES,
        help=KEPT,
        key="uploads",
        on_change=_forget_samples,
    )
    if len(uploaded) > MOST_PICTURES:
        st.info(f"The first {MOST_PICTURES} pictures are shown.", icon=":material/filter:")
    ready = samples()
    picked = st.pills(
        "Or pick a sample",
        list(ready),
        selection_mode="multi",
        default=next(iter(ready)),
        key="samples",
    )
    pictures = [Picture(each.name, each.getvalue()) for each in uploaded[:MOST_PICTURES]]
    return pictures + [ready[title] for title in picked]


def _forget_samples() -> None:
    """Whoever brings pictures has seen enough of the samples."""
    st.session_state["samples"] = []


@st.cache_data(show_spinner=False, scope="session", max_entries=50)
def _classify(backend: Backend, content: bytes) -> Answer:
    return backend.classify(content)
