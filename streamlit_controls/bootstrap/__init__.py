"""Makes the virtual environments that this project itself runs and is tested in.

It runs before there is anything else: standard library only, and nothing else of this package.
"""
