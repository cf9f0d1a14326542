"""Every table. Importing this package registers them all on `SQLModel.metadata`."""

from db.models.accounts import ApiKey, RefreshToken, Role, SecurityEvent, Tier, User, UserSession
from db.models.base import metadata
from db.models.batches import Batch
from db.models.billing import Payment, PaymentDispute, PaymentEvent, PaymentStatus
from db.models.catalog import Product, ProductPicture, ProductStatus, ProductTag
from db.models.credits import (
    CreditAccount,
    CreditHold,
    CreditHoldLot,
    CreditLot,
    LedgerPosting,
    LedgerTransaction,
    OperationPrice,
)
from db.models.engine import Chore, Worker
from db.models.events import EventCursor, EventFailure, EventRow
from db.models.insights import DailyFigure, RollUp
from db.models.jobs import IdempotencyRecord, Job, JobStatus, OriginKind
from db.models.library import Asset, AssetKind
from db.models.notifications import UserNotification
from db.models.providers import CallStatus, PromptVersion, ProviderCall
from db.models.studio import MachineModel, ModelState

__all__ = [
    "ApiKey",
    "Asset",
    "AssetKind",
    "Batch",
    "CallStatus",
    "Chore",
    "CreditAccount",
    "CreditHold",
    "CreditHoldLot",
    "CreditLot",
    "DailyFigure",
    "EventCursor",
    "EventFailure",
    "EventRow",
    "IdempotencyRecord",
    "Job",
    "JobStatus",
    "LedgerPosting",
    "LedgerTransaction",
    "MachineModel",
    "ModelState",
    "OperationPrice",
    "OriginKind",
    "Payment",
    "PaymentDispute",
    "PaymentEvent",
    "PaymentStatus",
    "Product",
    "ProductPicture",
    "ProductStatus",
    "ProductTag",
    "PromptVersion",
    "ProviderCall",
    "RefreshToken",
    "Role",
    "RollUp",
    "SecurityEvent",
    "Tier",
    "User",
    "UserNotification",
    "UserSession",
    "Worker",
    "metadata",
]
