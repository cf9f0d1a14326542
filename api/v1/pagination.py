"""Lists: `?limit=20&starting_after=ID` -> `{"data": […], "has_more": bool}`, newest first."""

from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

Item = TypeVar("Item")


class ListOf(BaseModel, Generic[Item]):
    """One page of a list. If `has_more`, ask again with `starting_after` set to the last item's id."""

    data: list[Item]
    has_more: bool


@dataclass(frozen=True)
class Cursor:
    """Which page is asked for: at most `limit` items after the one with id `starting_after`."""

    limit: int
    starting_after: str | None


def _cursor(
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 20,
    starting_after: Annotated[
        str | None, Query(max_length=100, description="The id of the last item of the page before.")
    ] = None,
) -> Cursor:
    return Cursor(limit, starting_after)


PageCursor = Annotated[Cursor, Depends(_cursor)]
