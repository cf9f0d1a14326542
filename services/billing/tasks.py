"""What workers do for payments: apply each event, again after a fault, on another worker if this one dies.

Applying may run twice; the event's row, marked in the transaction that applies it, makes that harmless.
"""

from datetime import timedelta

from tenacity import Retrying, stop_after_attempt, wait_exponential

from services.billing import repair, webhook
from services.billing.settlement import apply_event
from services.engine.schedules import Schedule
from services.engine.tasks import Execution, Task

_RETRIES = Retrying(stop=stop_after_attempt(8), wait=wait_exponential(multiplier=0.5), reraise=True)


def _apply(execution: Execution, event_id: str) -> str:
    return execution.checkpoints.once("apply", lambda: str(_RETRIES(apply_event, event_id)))


TASKS = (Task(webhook.TASK, _apply, (webhook.QUEUE,)),)
SCHEDULES = (Schedule("payment_repair", every=timedelta(seconds=15), run=repair.repair_payments),)
