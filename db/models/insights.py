"""Roll-ups: what the business did on each UTC day. A scheduled job keeps them; the raw rows can rebuild them."""

from datetime import date, datetime

from sqlmodel import Field

from db.clock import now
from db.models.base import SQLModel
from db.types import UtcDateTime


class DailyFigure(SQLModel, table=True):
    """One number of one UTC day. `dimension` splits it: an operation and outcome, a source of credits, or nothing.

    `value` is a count, credits, US cents, millionths of a US dollar or milliseconds, as the metric's definition says.
    """

    __tablename__ = "daily_figures"

    day: date = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    dimension: str = Field(default="", primary_key=True)
    value: int
    computed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
