"""Tests of the hello app."""
