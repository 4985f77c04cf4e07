"""The pure part: decides what should happen, and never does it.

Nothing here opens a file or a socket, starts a process or asks what time it is.
"""
