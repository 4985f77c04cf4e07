"""A session: one visit of one browser tab, through drops of its connection and reloads."""

import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Session:
    """`id` names it in logs. `token` is known to its tab alone: whoever has it is that tab."""

    id: str = field(default_factory=lambda: secrets.token_hex(4))
    token: str = field(default_factory=secrets.token_urlsafe, repr=False)
