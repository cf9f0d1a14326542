"""The one place that puts a process together: settings, then the database, storage and job client made from them."""

import config
import db
from config import Settings
from services.jobs import client
from services.library import storage


def start(new: Settings | None = None) -> Settings:
    """Use `new` settings (the environment's if None) from here on; what was open with the old ones is closed."""
    stop()
    config.configure(new)
    return config.settings()


def stop() -> None:
    """Close what this process holds open. Everything opens again on next use."""
    client.close()
    storage.close()
    db.dispose()
