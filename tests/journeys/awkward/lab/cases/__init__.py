"""One module a case; `show` returns what the page shows."""
