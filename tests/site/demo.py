"""A real app behind a real gateway, for browser tests: awake, asleep or replaced at their word."""

import contextlib
import dataclasses
import itertools
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from streamlit_site import create_app
from tests.site.pages import APP
from tests.site.stack import Gateway, Streamlit, serving
from tests.site.statuses import Document, Fixed, app_status, document
from tests.support.ports import free_block

OTHER = app_status(name="Other", path="/other/", state="stopped", instances=[])


@dataclasses.dataclass(frozen=True)
class Demo:
    """The app's processes, the gateway before them, and what the site is told of them.

    Processes take long to start, and stay. An app whose process ended is, to a browser, one that
    the gateway leads to no more; one that was started anew is a process that has not seen the page.
    """

    gateway: Gateway
    source: Fixed
    first: deque[Streamlit]
    """Two at ~abcd. Their page listens to the site's, as the controller's do."""
    mute: deque[Streamlit]
    """Two at ~abcd whose page does not."""
    second: Streamlit
    """One at ~efgh, for those who are led there."""

    @property
    def url(self) -> str:
        return f"{self.gateway.url}/demo/"

    def reset(self) -> None:
        """Make all as it is before a test: the app runs at ~abcd."""
        self.source.snapshot = document(demo=app_status(icon="👋"), other=OTHER)
        self.wake()

    def wake(self) -> None:
        """Start the app; the site is not told."""
        self.first.rotate()
        self.gateway.route(self.first[0], self.second)

    def wake_mute(self) -> None:
        self.mute.rotate()
        self.gateway.route(self.mute[0])

    def sleep(self) -> None:
        self.gateway.route()
        self.tell("sleeping")

    def tell(self, state: str, *instances: Document) -> None:
        self.source.change("demo", state=state, instances=list(instances))


@contextlib.contextmanager
def serving_demo(folder: Path) -> Iterator[Demo]:
    """Run it all; the app's script and logs are in a folder."""
    script = folder / "app.py"
    script.write_text(APP)
    source = Fixed(document())
    with contextlib.ExitStack() as stack:
        site_port = stack.enter_context(serving(create_app(source, folder)))
        ports = itertools.count(free_block())
        gateway = Gateway(next(ports), next(ports), site_port, folder)
        stack.callback(gateway.process.stop)

        def start(instance: str, *options: str) -> Streamlit:
            started = Streamlit.start(script, next(ports), instance, *options)
            stack.callback(started.process.stop)
            return started

        listening = ("--client.allowedOrigins", gateway.url)
        first = [start("abcd", *listening) for _ in range(2)]
        mute = [start("abcd") for _ in range(2)]
        second = start("efgh", *listening)
        gateway.wait()
        for each in (*first, *mute, second):
            each.wait()
        yield Demo(gateway, source, deque(first), deque(mute), second)
