"""Mistakes of well-known video libraries, each with a check."""
