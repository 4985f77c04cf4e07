"""The daemon: carries out what core decides, with real processes, sockets and files."""
