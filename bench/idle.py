"""The cost of being idle: CPU time of the app and its worker without requests and jobs."""

import tempfile
import time
from pathlib import Path

import psutil

from tests.e2e.conftest import running_server

SETTLE_SECONDS, SECONDS = 40.0, 60.0


def measure() -> dict[str, float]:
    """CPU seconds a second of app and worker together, and of each, over a minute after they have settled."""
    with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as folder, running_server(Path(folder)) as server:
        app = psutil.Process(server.process.pid)
        time.sleep(SETTLE_SECONDS)
        worker = next(child for child in app.children() if any("worker.py" in part for part in child.cmdline()))
        started = time.monotonic()
        before = [_cpu_seconds(process) for process in (app, worker)]
        time.sleep(SECONDS)
        elapsed = time.monotonic() - started
        shares = [(_cpu_seconds(process) - then) / elapsed for process, then in zip((app, worker), before, strict=True)]
    return {"cores": round(sum(shares), 4), "app_cores": round(shares[0], 4), "worker_cores": round(shares[1], 4)}


def _cpu_seconds(process: psutil.Process) -> float:
    spent = process.cpu_times()
    return float(spent.user + spent.system)


if __name__ == "__main__":
    print(measure())
