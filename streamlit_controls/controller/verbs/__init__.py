"""One file per verb; each has a click command called `command`."""
