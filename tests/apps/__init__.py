"""Tests of the bundled apps."""
