"""Appends numbered lines to a log as an app does: its output is the file, opened once."""

import os
import sys


def main(path: str, count: int) -> None:
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for start in range(0, count, 10):
        lines = "".join(
            f"{number:08d} {'x' * (number % 90)}\n" for number in range(start, start + 10)
        )
        # Cut anywhere, as a buffer is.
        half = len(lines) // 2
        os.write(log, lines[:half].encode())
        os.write(log, lines[half:].encode())
    os.close(log)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
