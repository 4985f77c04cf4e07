"""The parts of the media explorer's page."""
