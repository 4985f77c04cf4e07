"""The web API of the video library: accounts by way of the auth service, videos, streams."""
