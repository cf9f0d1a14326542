"""Credits: the ledger and what people see of it. Other services move credits through `services.credits.ledger`."""

from services.credits.balances import Balance, LotView, adjust_user, balance
from services.credits.errors import InsufficientCredits
from services.credits.history import TransactionPage, TransactionView, transactions, transactions_csv
from services.credits.verify import Discrepancy, verify_ledger

__all__ = [
    "Balance",
    "Discrepancy",
    "InsufficientCredits",
    "LotView",
    "TransactionPage",
    "TransactionView",
    "adjust_user",
    "balance",
    "transactions",
    "transactions_csv",
    "verify_ledger",
]
