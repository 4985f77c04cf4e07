"""Tests of the video library's auth service."""
