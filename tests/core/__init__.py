"""Tests of the pure part: tables and histories, no processes and no clocks."""
