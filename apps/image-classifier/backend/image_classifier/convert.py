"""Makes the model's file ahead of time, such as for an image: `python -m image_classifier.convert`.

Prints where it is.
"""

from image_classifier import model_file
from image_classifier.settings import Settings


def main() -> None:
    folder = Settings().model_folder
    path = model_file.find(folder) or model_file.write(model_file.convert(), folder)
    print(path)  # noqa: T201


if __name__ == "__main__":
    main()
