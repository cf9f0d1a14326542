"""Roll-ups: what the business did on each UTC day. A scheduled job keeps them; the raw rows can rebuild them."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from db.clock import now
from db.models.base import SQLModel
from db.types import UtcDateTime


class DailyFigure(SQLModel, table=True):
    """One number of one UTC day. `dimension` splits it: an operation and outcome, a source of credits, or nothing.

    `value` is a count, credits, US cents, millionths of a US dollar or milliseconds, as the metric's definition says.
    """

    __tablename__ = "daily_figures"
    __table_args__ = (sa.Index("ix_daily_figures_metric", "metric", "day"),)

    day: date = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    dimension: str = Field(default="", primary_key=True)
    value: int = Field(sa_type=sa.BigInteger)
    computed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class RollUp(SQLModel, table=True):
    """How far a roll-up is kept: every change to the raw rows before `kept_until` is in it."""

    __tablename__ = "roll_ups"

    name: str = Field(primary_key=True)
    kept_until: datetime = Field(sa_type=UtcDateTime)
