"""What runs inside an app's environment: the standard library and the app's own packages.

These files are started by path, by whatever Python the environment has; they import nothing of
ours but each other.
"""
