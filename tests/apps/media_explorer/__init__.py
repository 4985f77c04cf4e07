"""Tests of the media explorer."""
