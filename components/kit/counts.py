"""How many of something, in words."""


def counted(number: int, noun: str) -> str:
    """`1` and "photo" -> "1 photo", `1200` -> "1,200 photos"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
