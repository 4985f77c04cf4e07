"""The manager's parent: restarts it, keeps its sockets, inherits what it leaves behind.

It does so little that it has no reason to fail, and imports nothing but the standard library.
Every descriptor that the manager stores here is handed to its successor, so that a manager that
dies refuses no connection. Processes that lose their parent come to this one and are reaped.
"""
