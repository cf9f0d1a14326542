"""Credits: what there is, when it lapses, what happened to every one."""

from components.credits import credit_history
from components.shell import feedback, guard
from components.shell.theme import page_heading
from services.credits.balances import balance
from services.credits.history import transactions, transactions_csv
from services.errors import ServiceError

actor = guard.require_actor()
page_heading("Credits", "One credit makes most pictures. What fails is never charged.")
credit_history.balance_and_lots(balance(actor))
try:
    chosen = credit_history.filters()
    page = transactions(actor, kind=chosen.kind, since=chosen.since, limit=chosen.limit, starting_after=None)
    credit_history.history(page)
    credit_history.export(lambda: transactions_csv(actor, kind=chosen.kind, since=chosen.since))
except ServiceError as error:
    feedback.show_error(error)
