"""Tests of the daemon's parts, with fakes on one side or real sockets and processes."""
