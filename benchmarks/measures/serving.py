"""What visitors of running apps notice; all contenders run at once, one is asked at a time."""

from benchmarks.measures import browser, gateway, rerun, static
from benchmarks.sample import PANDAS, SLIDER, App
from benchmarks.session import Session

APPS = (App("slider", SLIDER), App("pandas", PANDAS), App("pandas-two", PANDAS))
MEASURES = {
    "rerun": rerun.measure,
    "gateway": gateway.measure,
    "static": static.measure,
    "browser": browser.measure,
}


def measure(session: Session) -> None:
    """Run each measure that is wanted with the same processes."""
    with session.running(APPS) as contenders:
        for name, ask in MEASURES.items():
            if name in session.wanted:
                ask(session, contenders)
