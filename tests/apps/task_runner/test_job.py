"""Jobs, which are wholly in their ids."""

import pytest
from computations.catalogue import COMPUTATIONS
from computations.computation import Argument
from task_runner.job import Job

from tests.apps.task_runner.conftest import LARGE, SMALL


@pytest.mark.parametrize("arguments", [SMALL, LARGE, {key: {} for key in COMPUTATIONS}])
def test_an_id_tells_all_of_it(arguments: dict[str, dict[str, Argument]]) -> None:
    for number, computation in enumerate(COMPUTATIONS.values(), 1):
        job = Job(number, computation, computation.checked(arguments[computation.key]))
        again = Job.from_id(job.id)
        assert again == job
        assert type(again.arguments) is dict
        assert again.wording.count(" · ") == len(computation.parameters) - 1


def test_an_id_and_its_wording() -> None:
    job = Job(3, COMPUTATIONS["fractal"], SMALL["fractal"])
    assert job.id == "3-fractal?place=Whole+set&width=160&turns=50"
    assert job.wording == "Whole set · 160 pixels wide · 50 turns"


@pytest.mark.parametrize(
    "task_id",
    ["", "primes", "3-", "3-primes", "x-primes?", "1-primes?millions=0", "1-primes?millions=x"],
)
def test_what_is_no_id(task_id: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Job.from_id(task_id)
