"""The JSON that the API takes and gives."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model
from streamlit_kit import TaskStatus

from computations import computation as model
from computations.catalogue import COMPUTATIONS
from rest.board import Job
from rest.picture import has_picture


class JobRequest(BaseModel):
    """What all requests for a job have in common; each computation has a model of its own."""

    model_config = ConfigDict(extra="forbid", strict=True)

    computation: str

    @property
    def arguments(self) -> model.Arguments:
        return self.model_dump(exclude={"computation"})


def _request_model(computation: model.Computation) -> type[JobRequest]:
    fields: dict[str, Any] = {each.name: _field(each) for each in computation.parameters}
    fields["computation"] = (Literal[computation.key], ...)
    name = f"{computation.key.title()}Request"
    return create_model(name, __base__=JobRequest, __doc__=computation.summary, **fields)


def _field(parameter: model.Parameter) -> tuple[Any, Any]:
    said = " ".join(filter(None, [f"{parameter.label}.", parameter.help]))
    if isinstance(parameter, model.Choice):
        return Literal[parameter.options], Field(parameter.default, description=said)
    field = Field(parameter.default, ge=parameter.low, le=parameter.high, description=said)
    return Annotated[int, BeforeValidator(_whole)], field


def _whole(value: object) -> object:
    """Return 7 for 7.0: in JSON both are the same whole number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


if TYPE_CHECKING:
    AnyRequest = JobRequest
else:
    _MODELS = tuple(_request_model(each) for each in COMPUTATIONS.values())
    AnyRequest = Annotated[Union[_MODELS], Field(discriminator="computation")]  # noqa: UP007


class ParameterInfo(BaseModel):
    """A whole number from `low` to `high`, or one of the `options`."""

    name: str
    label: str
    help: str
    default: int | str
    low: int | None = None
    high: int | None = None
    options: list[str] | None = None

    @classmethod
    def of(cls, parameter: model.Parameter) -> "ParameterInfo":
        common = {each: getattr(parameter, each) for each in ("name", "label", "help", "default")}
        if isinstance(parameter, model.Choice):
            return cls(**common, options=list(parameter.options))
        return cls(**common, low=parameter.low, high=parameter.high)


class ComputationInfo(BaseModel):
    """A computation and what it takes."""

    key: str
    title: str
    summary: str
    parameters: list[ParameterInfo]

    @classmethod
    def of(cls, computation: model.Computation) -> "ComputationInfo":
        return cls(
            key=computation.key,
            title=computation.title,
            summary=computation.summary,
            parameters=[ParameterInfo.of(each) for each in computation.parameters],
        )


class Computations(BaseModel):
    """All computations."""

    computations: list[ComputationInfo]


class JobState(BaseModel):
    """A job and how far it is; `result` is what it has found so far, also before it is done."""

    id: str
    computation: str
    parameters: dict[str, int | str]
    status: TaskStatus
    fraction: float = Field(ge=0, le=1)
    text: str
    headline: str | None = Field(description="The result in a word.")
    result: dict[str, Any] | None
    picture: str | None = Field(description="Where a picture of the result is, if there is one.")
    error: str | None
    submitted: datetime
    seconds: float = Field(ge=0, description="How long it has been computing.")

    @classmethod
    def of(cls, job: Job, root_path: str) -> "JobState":
        result, value = job.result, job.result.value
        return cls(
            id=job.id,
            computation=job.computation.key,
            parameters=dict(job.arguments),
            status=result.status,
            fraction=result.fraction or 0.0,
            text=result.text,
            headline=value and value.headline,
            result=value and value.to_json(),
            picture=f"{root_path}/jobs/{job.id}/picture" if has_picture(value) else None,
            error=result.error,
            submitted=datetime.fromtimestamp(result.submitted, UTC),
            seconds=_seconds(result.started, result.finished),
        )


def _seconds(started: float | None, finished: float | None) -> float:
    if started is None:
        return 0.0
    now = datetime.now(UTC).timestamp()
    return round(max((finished or now) - started, 0.0), 3)
