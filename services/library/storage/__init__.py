"""Where the bytes of pictures lie."""


def close() -> None:
    """Forget the store; the next use opens one from the settings."""
