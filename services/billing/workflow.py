"""The durable workflow of one payment event: apply it, again after a fault, on another worker if this one dies.

Its one step may run twice; the event's row, marked in the transaction that applies it, makes that harmless.
"""

from dbos import DBOS
from dbos._core import StepOptions

from services.billing.settlement import apply_event
from services.jobs import engine

_RETRIED: StepOptions = {
    "name": "apply",
    "retries_allowed": True,
    "max_attempts": 8,
    "interval_seconds": 0.5,
    "backoff_rate": 2.0,
}


def register_payment_workflow() -> None:
    """Make this process a worker for payment events. Once, before the engine is launched."""

    @DBOS.workflow(name=engine.PAYMENT_WORKFLOW, max_recovery_attempts=None)
    def apply(event_id: str) -> str:
        return str(DBOS.run_step(_RETRIED, apply_event, event_id))
