"""The JSON that the service gives."""

from pydantic import BaseModel, Field

from image_classifier.inference import Finding
from image_classifier.labels import CLASSES
from image_classifier.model import NAME


class Prediction(BaseModel):
    """A class of ImageNet; a few labels stand for two classes, their number for one."""

    class_id: int = Field(ge=0, lt=CLASSES)
    label: str
    probability: float = Field(ge=0, le=1)


class Predictions(BaseModel):
    """The likeliest classes, the likeliest one first."""

    model: str
    milliseconds: float = Field(ge=0, description="Of decoding and looking, without waiting.")
    predictions: list[Prediction]

    @classmethod
    def of(cls, finding: Finding) -> "Predictions":
        return cls(
            model=NAME,
            milliseconds=round(finding.milliseconds, 1),
            predictions=[
                Prediction(
                    class_id=each.class_id,
                    label=each.label,
                    probability=round(each.probability, 4),
                )
                for each in finding.guesses
            ],
        )


class Health(BaseModel):
    """That pictures can be looked at."""

    status: str = "ok"
    model: str = NAME
    pictures: int = Field(ge=0, description="How many are looked at, or wait for it.")


class About(BaseModel):
    """What this is, and where."""

    name: str = "Image classifier"
    model: str = NAME
    classes: int = CLASSES
    predict: str
    health: str
    docs: str

    @classmethod
    def below(cls, root_path: str) -> "About":
        return cls(
            predict=f"{root_path}/predict",
            health=f"{root_path}/health",
            docs=f"{root_path}/docs",
        )
