"""An end without a word: with a code."""

import os


def show() -> str:
    os._exit(3)
