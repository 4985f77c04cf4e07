"""Accounts and sessions of the video library, as an HTTP service for its web API."""
