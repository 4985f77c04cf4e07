"""All computations, by their keys."""

from types import MappingProxyType

from computations.fractal import FRACTAL
from computations.pi import PI
from computations.primes import PRIMES
from computations.tour import TOUR

COMPUTATIONS = MappingProxyType({each.key: each for each in (FRACTAL, TOUR, PRIMES, PI)})
