"""Looks at pictures in threads: some at a time, some that wait, and no more."""

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from image_classifier.model import Guess, Model
from image_classifier.picture import read_picture
from image_classifier.problem import ModelFailed, ModelLoading, TooBusy
from image_classifier.settings import Settings

log = logging.getLogger(__name__)

LOADING_SECONDS = 20.0
"""How long a picture waits for the model, such as that for which a sleeping service woke."""


@dataclass(frozen=True)
class Finding:
    """What was found in a picture; `milliseconds` without the time it waited for its turn."""

    guesses: list[Guess]
    milliseconds: float


class Inference:
    """Has the model loaded, and its threads asked; everything in one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = ThreadPoolExecutor(settings.threads, "inference")
        self._turns = asyncio.Semaphore(settings.threads)
        self._places = settings.threads + settings.queue
        self.pictures = 0
        """How many are looked at, or wait for it."""
        self._loaded = asyncio.Event()
        self._model: Model | None = None

    @property
    def model(self) -> Model:
        """The model; raises ModelLoading or ModelFailed as long as there is none."""
        if self._model is None:
            raise ModelFailed if self._loaded.is_set() else ModelLoading
        return self._model

    async def load(self) -> None:
        """Load the model, off the event loop; what goes wrong is for the log and /health."""
        try:
            self._model = await asyncio.to_thread(Model.load, self._settings)
        except Exception:  # the outermost boundary of a task
            log.exception("the model cannot be loaded")
        finally:
            self._loaded.set()

    async def find(self, content: bytes, most: int) -> Finding:
        """Return the likeliest classes of a picture; raise TooBusy where no more may wait.

        Whoever does not wait any longer is cancelled, and gives its place back: at once if its
        turn has not come, and else when its thread is done.
        """
        if self.pictures >= self._places:
            raise TooBusy
        self.pictures += 1
        try:
            await self._wait_loaded()
            model = self.model
            await self._turns.acquire()
        except BaseException:
            self.pictures -= 1
            raise
        loop = asyncio.get_running_loop()
        looking = loop.run_in_executor(self._pool, _find, model, content, most)
        looking.add_done_callback(self._give_back)
        return await asyncio.shield(looking)

    def _give_back(self, looking: asyncio.Future[Finding]) -> None:
        self._turns.release()
        self.pictures -= 1
        if not looking.cancelled():
            looking.exception()  # where nobody is there for it any more, that is no failure

    async def _wait_loaded(self) -> None:
        try:
            async with asyncio.timeout(LOADING_SECONDS):
                await self._loaded.wait()
        except TimeoutError:
            raise ModelLoading from None


def _find(model: Model, content: bytes, most: int) -> Finding:
    begun = time.perf_counter()
    guesses = model.guesses(read_picture(content), most)
    return Finding(guesses, (time.perf_counter() - begun) * 1000)
