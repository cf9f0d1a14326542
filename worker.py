"""A worker process: takes tasks from the queues and runs them. `python worker.py`, on as many machines as wanted."""

import argparse
import os
import sys

from services import bootstrap
from services.insights.logs import configure_logs


def main() -> None:
    """Run until SIGTERM or SIGINT, then finish what runs and end."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--parent", type=int, metavar="PID", help="end when this process, our parent, is gone")
    arguments.add_argument("--no-migrate", action="store_true", help="leave the database schema as it is")
    options = arguments.parse_args()
    configure_logs(bootstrap.start())
    if not options.no_migrate:
        from db.migrations.runner import upgrade  # alembic is a fifth of all the imports: only where it is needed

        upgrade()
    bootstrap.worker(parent=options.parent).run()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # the engine's threads may still wait for work; what they held has been handed back


if __name__ == "__main__":
    main()
