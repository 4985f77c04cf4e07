"""Tests of the runner as real processes on real sockets."""
