"""The parts of the REST API."""
