"""The schema of an event: a typed, versioned class for each kind, in its room's `event_types.py`."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """Base of all kinds. `user_id` is the person it concerns; None for the installation as a whole.

    Subclasses set `kind` (never changed, it is stored), `version` (raised when a field changes its meaning, is added
    without a default, or goes) and `subjects`: the fields that hold ids of what it is about.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    subjects: ClassVar[tuple[str, ...]] = ()

    user_id: str | None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "kind" not in vars(cls):
            return  # a base of several kinds
        if cls.kind in _KINDS:
            raise TypeError(f"two events are of the kind {cls.kind}")
        _KINDS[cls.kind] = cls

    @classmethod
    def upgrade(cls, version: int, fields: dict[str, Any]) -> dict[str, Any]:
        """The fields of an event stored with the older `version`, as this version has them."""
        raise UnreadableEvent(f"{cls.kind} of version {version} cannot be read")

    def subject_ids(self) -> dict[str, str]:
        """What it is about, by name of the field."""
        return {name: value for name in self.subjects if (value := getattr(self, name)) is not None}

    def payload(self) -> dict[str, Any]:
        """All other fields, as JSON values."""
        return self.model_dump(mode="json", exclude={"user_id", *self.subjects})


class UnreadableEvent(Exception):
    """A stored event that no schema of this release fits."""


_KINDS: dict[str, type[Event]] = {}


def stored_event(kind: str, version: int, user_id: str | None, fields: Mapping[str, Any]) -> Event:
    """The event of a row. Raises `UnreadableEvent`, or pydantic's `ValidationError`."""
    known = _KINDS.get(kind)
    if known is None or version > known.version:
        raise UnreadableEvent(f"{kind} of version {version} is not known to this release")
    current = dict(fields) if version == known.version else known.upgrade(version, dict(fields))
    return known.model_validate({**current, "user_id": user_id})
