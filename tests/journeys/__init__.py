"""Whole journeys: real projects, started by the real command, used as people use them."""
