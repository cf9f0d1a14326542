"""Python runs this at start where the folder is on its path: it writes down how long each run of a screen takes.

The time is the server's own, around the whole script: guard, queries, components and what they enqueue.
"""

import os
import time

TIMES = os.environ.get("TIMED_SERVER_FILE", "")

if TIMES:
    from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

    _run_script = ScriptRunner._run_script

    def _timed(self, rerun_data):  # type: ignore[no-untyped-def]
        started = time.perf_counter()
        _run_script(self, rerun_data)
        with open(TIMES, "a") as file:  # noqa: PTH123  as light as can be
            file.write(f"{(time.perf_counter() - started) * 1000:.2f}\n")

    ScriptRunner._run_script = _timed  # type: ignore[method-assign]
