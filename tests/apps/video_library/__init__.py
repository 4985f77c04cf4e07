"""Tests of the video library app."""
