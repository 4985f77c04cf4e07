"""The known mistakes of explorers of media: a naive one makes them all, and this one none."""
