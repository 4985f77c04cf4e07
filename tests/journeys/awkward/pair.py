"""An app that is there twice, started plainly and forked, and what the two show."""

import json
import re
from collections.abc import Callable
from typing import Any

from tests.journeys.project import SampleProject
from tests.support.streamlit_client import StreamlitClient

PLAIN, FORKED = "plain", "forked"

PASSING = ("AnyIO worker", "ThreadPoolExecutor", "lasting", "asyncio_")
"""How the names of threads begin that come and go with the work."""


class Pair:
    """The two instances of an app, and what they show."""

    def __init__(self, lab: SampleProject, app: str) -> None:
        self._lab = lab
        self._app = app

    def show(self, case: str) -> tuple[Any, Any]:
        """Return what the two show in a case, free of what must differ."""
        return self.each(lambda visitor: visitor.run(query_string=f"case={case}")[-1])

    def each(self, visit: Callable[[StreamlitClient], Any]) -> tuple[Any, Any]:
        """Return what a visit of the one, and of the other, brings."""
        found = []
        for how in (PLAIN, FORKED):
            with self.visit(how) as visitor:
                found.append(self.read(visit(visitor), how))
        return found[0], found[1]

    def ask(self, path: str) -> tuple[Any, Any]:
        """Return what the two answer to a request."""
        texts = {
            how: self._lab.get(f"app/{self._app}-{how}/{path}").body for how in (PLAIN, FORKED)
        }
        return self.read(texts[PLAIN], PLAIN), self.read(texts[FORKED], FORKED)

    def visit(self, how: str) -> StreamlitClient:
        return StreamlitClient(f"{self._lab.url}app/{self._app}-{how}/")

    def read(self, said: Any, how: str) -> Any:
        """Return what is said, without names, numbers and ports of one process."""
        text = said if isinstance(said, str) else json.dumps(said)
        text = text.replace(f"{self._app}-{how}", self._app)
        for what in (
            r"(~)[a-z0-9]{4,}",
            r'(_INSTANCE(?:=|": "|", "))[a-z0-9]+',
            r"(Thread-)\d+",
            r"(127\.0\.0\.1:)\d+",
            r"(at 0x)[0-9a-f]+",
            r'(fd", "|"PORT": "|PORT=)\d+',
        ):
            text = re.sub(what, r"\1…", text)
        try:
            return json.loads(text)
        except ValueError:
            return text


def same_process(plain: dict[str, Any], forked: dict[str, Any]) -> None:
    """Take out what may differ in some way, and see that it does so in no other."""
    seen, told = (each.pop("environment as others see it") for each in (forked, plain))
    assert set(seen) <= set(told), "nothing of what it was forked from"
    for each in (plain, forked):  # threads that come and go
        each["threads"] = [one for one in each["threads"] if not one[0].startswith(PASSING)]
        each["threads"] = [one for one in each["threads"] if one[2] != "Timer"]
