"""`streamlit run` with what `streamlit[performance]` adds: uvloop and httptools."""

from benchmarks.environments import SERVED
from benchmarks.plain import Plain


class Tuned(Plain):
    """What people run who know of uvloop."""

    name = "tuned"
    venv = SERVED

    @classmethod
    def version(cls) -> str:
        return "`streamlit run` with uvloop and httptools, the packages of the controller's apps"
