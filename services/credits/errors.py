"""What can go wrong with credits, in words for a shop owner."""

from services.errors import ServiceError


class InsufficientCredits(ServiceError):
    """The account has fewer credits than the work costs. `needed` and `available` are credits."""

    code = "insufficient_credits"
    status = 402
    message = "You do not have enough credits for this. Buy credits, or wait for tomorrow's free ones."

    def __init__(self, needed: int, available: int) -> None:
        self.needed = needed
        self.available = available
        super().__init__(
            f"This costs {in_words(needed)} and you have {available}. "
            "Nothing was charged. Buy credits, or wait for tomorrow's free ones."
        )


def in_words(count: int) -> str:
    """`1 credit`, `2 credits`."""
    return f"{count} credit" if count == 1 else f"{count} credits"
