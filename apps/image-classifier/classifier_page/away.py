"""What stands there while the service is away, and goes by itself when it is back."""

from datetime import timedelta

import streamlit as st

from classifier_page.backend import Away, Backend
from classifier_page.wording import plain

TICK = timedelta(seconds=2)

SAID = """
**The classifier does not answer just now.** {reason}

Your pictures are still here: this page asks again every {seconds:.0f} seconds, and then goes on.
"""


def away_notice(backend: Backend, problem: Away) -> None:
    """Say it; as long as this is shown, this part of the page looks again by itself."""
    is_new = True

    @st.fragment(run_every=TICK)
    def notice() -> None:
        nonlocal is_new
        if not is_new and backend.is_ready():
            st.rerun()
        is_new = False
        with st.container(key="away"):
            said = SAID.format(reason=plain(str(problem)), seconds=TICK.total_seconds())
            st.warning(said, icon=":material/cloud_off:")

    notice()
