"""The known mistakes of the well-known sample: a naive app makes them all, and this one none."""
