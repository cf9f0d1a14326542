"""What can go wrong when jobs are asked for, in words for a shop owner."""

from services.credits.errors import in_words
from services.errors import Conflict


class PriceChanged(Conflict):
    """The work costs more than its owner agreed to. Amounts in credits."""

    code = "price_changed"

    def __init__(self, credits: int, max_credits: int) -> None:
        super().__init__(f"This now costs {in_words(credits)}, more than the {max_credits} you agreed to.")
