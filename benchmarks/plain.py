"""Plain `streamlit run`: one process and one port for each app."""

from benchmarks.contender import Contender, streamlit_run
from benchmarks.ports import free_ports
from benchmarks.sample import App


class Plain(Contender):
    """What people run who have no host."""

    name = "plain"

    @classmethod
    def version(cls) -> str:
        [metadata] = cls.venv.glob("lib/*/site-packages/streamlit-*.dist-info")
        release = metadata.name.removeprefix("streamlit-").removesuffix(".dist-info")
        return f"`streamlit run`, Streamlit {release}, as `pip install streamlit` gives it"

    def prepare(self) -> None:
        for app in self.apps:
            app.write(self.folder / app.key)
        self._ports = dict(zip(self.apps, free_ports(len(self.apps)), strict=True))

    def launch(self) -> None:
        for app, port in self._ports.items():
            folder = self.folder / app.key
            self.spawn(streamlit_run(self.venv, folder / "app.py", port), folder)

    def page(self, app: App) -> str:
        return f"http://127.0.0.1:{self._ports[app]}/"
