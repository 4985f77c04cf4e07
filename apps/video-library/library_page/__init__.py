"""The page of the video library: what a visitor sees, and how it asks the web API."""
