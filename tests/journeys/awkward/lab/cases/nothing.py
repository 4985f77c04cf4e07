"""What the page shows before anybody asks."""


def show() -> str:
    return "nothing"
