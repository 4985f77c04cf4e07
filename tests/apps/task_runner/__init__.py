"""Tests of the task runner app."""
