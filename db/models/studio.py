"""The machines that pictures are worked on, and the cut-out model of each."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from db.clock import now
from db.models.base import SQLModel
from db.types import UtcDateTime


class ModelState(StrEnum):
    FETCHING = "fetching"
    HERE = "here"
    ABSENT = "absent"


class MachineModel(SQLModel, table=True):
    """The cut-out model that a machine's workers want, as they last saw it: written by them, read by the app's pages,
    which may run elsewhere.

    `problem` says why it is absent, `failures` how often in a row fetching it has failed, and `try_again_at` when that
    is tried again, if it is.
    """

    __tablename__ = "machine_models"

    hostname: str = Field(primary_key=True)
    model: str
    state: str
    received_bytes: int = Field(default=0, sa_type=sa.BigInteger)
    total_bytes: int | None = Field(default=None, sa_type=sa.BigInteger)
    failures: int = 0
    problem: str = ""
    try_again_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
