"""What the process that worker processes are forked from imports, and what they then do."""

import httpx  # noqa: F401
import psycopg  # noqa: F401
from google import genai  # noqa: F401

from config import Settings
from services import bootstrap
from services.insights.logs import configure_logs
from services.jobs.run import workflow  # noqa: F401


def work(settings: Settings) -> None:
    """Be a worker until killed."""
    configure_logs(bootstrap.start(settings))
    bootstrap.worker().run()
