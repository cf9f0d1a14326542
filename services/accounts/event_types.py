"""What happens to accounts, and what staff do."""

from typing import ClassVar, Literal

from services.events import Event


class UserRegistered(Event):
    """An account was created: on the sign-up form, over the API or from the command line."""

    kind: ClassVar[str] = "user.registered"

    user_id: str
    origin: Literal["sign_up", "command_line"]
    tier: str


class StaffActed(Event):
    """A member of staff changed something. `user_id` is the owner of what was changed, if it has one."""

    kind: ClassVar[str] = "staff.acted"
    subjects: ClassVar[tuple[str, ...]] = ("staff_id",)

    staff_id: str
    action: str  # such as "prompt_changed"
    details: dict[str, str | int | None]
