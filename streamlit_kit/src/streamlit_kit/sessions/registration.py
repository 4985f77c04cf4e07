"""What an app wants to be told of a session."""

from collections.abc import Callable
from dataclasses import dataclass, field

from streamlit_kit.sessions.phase import News
from streamlit_kit.sessions.session import Session
from streamlit_kit.tasks.handle import TaskHandle

Callback = Callable[[Session], object]


@dataclass(eq=False)
class Registration:
    """The callbacks of one key of one session, and when the next heartbeat is due."""

    session: Session
    callbacks: dict[News, Callback | None]
    heartbeat: float
    next_beat: float = float("inf")
    running_beat: TaskHandle | None = field(default=None, repr=False)

    @property
    def wants_beats(self) -> bool:
        """Whether anybody listens to heartbeats."""
        return self.callbacks[News.HEARTBEAT] is not None

    @property
    def is_beating(self) -> bool:
        """Whether the last heartbeat's callback has not ended yet."""
        return self.running_beat is not None and not self.running_beat.get_result().is_finished
