"""Every table. Importing this package registers them all on `SQLModel.metadata`."""

from db.models.accounts import ApiKey, RefreshToken, Role, SecurityEvent, Tier, User, UserSession
from db.models.base import metadata
from db.models.credits import (
    CreditAccount,
    CreditHold,
    CreditHoldLot,
    CreditLot,
    LedgerPosting,
    LedgerTransaction,
    OperationPrice,
)
from db.models.jobs import IdempotencyRecord, Job, JobStatus, UserNotification, Worker
from db.models.library import Asset, AssetKind

__all__ = [
    "ApiKey",
    "Asset",
    "AssetKind",
    "CreditAccount",
    "CreditHold",
    "CreditHoldLot",
    "CreditLot",
    "IdempotencyRecord",
    "Job",
    "JobStatus",
    "LedgerPosting",
    "LedgerTransaction",
    "OperationPrice",
    "RefreshToken",
    "Role",
    "SecurityEvent",
    "Tier",
    "User",
    "UserNotification",
    "UserSession",
    "Worker",
    "metadata",
]
