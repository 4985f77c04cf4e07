"""A module of the app's own."""

WHOSE = "own"
