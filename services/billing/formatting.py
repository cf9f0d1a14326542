"""Amounts of money and credits as text."""


def format_dollars(cents: int) -> str:
    """`1499` -> "$14.99", `375000` -> "$3,750.00"."""
    return f"${cents // 100:,}.{cents % 100:02}"


def format_credits(amount: int) -> str:
    """`1` -> "1 credit", `2100` -> "2,100 credits"."""
    return f"{amount:,} credit{'' if amount == 1 else 's'}"
