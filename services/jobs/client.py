"""The process's client to the job engine."""


def close() -> None:
    """Close the client; the next use opens one from the settings."""
