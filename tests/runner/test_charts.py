"""Charts come out the same, and what is wrong with one is said each time."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import altair as alt
import pandas as pd
import pytest
from altair.utils import schemapi
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.runner.processes import RUNNER

FRAME = pd.DataFrame({"a": [1, 2, 3], "b": [4.5, 5.5, 6.5], "c": ["x", "y", "z"]})


@pytest.fixture
def spared(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Spare Altair its repetitions; return the parts of charts that it checked all the same."""
    checked: list[object] = []
    check = schemapi._get_errors_from_spec

    def counted(spec: Any, *more: Any) -> Any:
        checked.append(spec)
        return check(spec, *more)

    monkeypatch.setattr(schemapi, "_get_errors_from_spec", counted)
    monkeypatch.setattr(schemapi._FromDict, "__init__", schemapi._FromDict.__init__)
    monkeypatch.syspath_prepend(str(RUNNER))
    import controller_charts

    controller_charts.spare_repetition()
    yield checked
    sys.modules.pop("controller_charts")


def chart(x: str = "a", mark: str = "point", **more: Any) -> Any:
    return getattr(alt.Chart(FRAME), f"mark_{mark}")().encode(x=x, y="b", **more)


def test_what_is_valid_is_checked_once(spared: list[object]) -> None:
    first = chart().to_dict()
    seen = len(spared)
    assert seen > 0
    assert chart().to_dict() == first
    assert len(spared) == seen
    assert chart(x="c").to_dict() != first
    assert len(spared) > seen


def test_what_is_wrong_is_told_each_time(spared: list[object]) -> None:
    wrong = {"mark": {"type": "point", "size": "huge"}, "data": {"name": "x"}, "encoding": {}}
    told = []
    for _ in range(2):
        with pytest.raises(Exception, match="'huge' is not of type 'number'") as caught:
            alt.Chart.from_dict(wrong)
        told.append(str(caught.value))
    assert told[0] == told[1]


def test_what_only_looks_the_same_is_another(spared: list[object]) -> None:
    check: Callable[..., list[object]] = schemapi._get_errors_from_spec
    number, integer = {"type": "number"}, {"type": "integer"}
    for schema, spec, good in (
        ({"type": "array"}, [1], True),
        ({"type": "array"}, (1,), False),
        (integer, 1, True),
        (integer, True, False),
        (integer, 1.5, False),
        (number, 1.5, True),
        (number, 1, True),
        (number, "1", False),
    ):
        for _ in range(2):
            assert (check(spec, schema, schema) == []) == good, (schema, spec)


def test_what_cannot_be_told_apart_is_checked_each_time(spared: list[object]) -> None:
    unknown: Any = object()
    schema: dict[str, Any] = {}
    for _ in range(2):
        assert schemapi._get_errors_from_spec(unknown, schema, schema) == []
    assert len(spared) == 2


def test_a_class_of_the_page_s_own_is_found(spared: list[object]) -> None:
    assert isinstance(alt.Chart.from_dict(chart().to_dict()), alt.Chart)

    class Mine(alt.SchemaBase):
        _schema = {"type": "object", "title": "mine"}  # noqa: RUF012
        _rootschema = _schema

    assert isinstance(Mine.from_dict({"a": 1}), Mine)
    assert isinstance(alt.Chart.from_dict(chart().to_dict()), alt.Chart)


MARKS = st.sampled_from(["point", "line", "bar", "area", "tick"])
CHANNELS = st.fixed_dictionaries(
    {},
    optional={
        "color": st.sampled_from(["c", "a:Q", alt.value("red")]),
        "tooltip": st.sampled_from([["a", "b"], "c"]),
        "opacity": st.sampled_from(["b", alt.value(0.5)]),
    },
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(x=st.sampled_from(["a", "b:N", "c"]), mark=MARKS, more=CHANNELS)
def test_charts_come_out_the_same(
    spared: list[object], x: str, mark: str, more: dict[str, Any]
) -> None:
    found = [chart(x, mark, **more).to_dict() for _ in range(2)]
    assert found[0] == found[1]
    both = alt.layer(chart(x, mark, **more), chart()).to_dict()
    assert alt.LayerChart.from_dict(both).to_dict() == both
