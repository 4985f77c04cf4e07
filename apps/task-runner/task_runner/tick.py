"""How often those parts of a page run by themselves that show something unfinished."""

from datetime import timedelta

TICK = timedelta(seconds=0.5)
