"""Run every benchmark, one after the other, each in a process of its own, and write RESULTS.md.

`python -m bench` runs all; `python -m bench ledger cutout` runs these and keeps the others' last figures.
"""

import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FIGURES = HERE / "figures.json"
RESULTS = HERE / "RESULTS.md"
LIBRARIES = ("streamlit", "fastapi", "dbos", "sqlalchemy", "opencv-contrib-python-headless", "pillow", "numpy")


@dataclass(frozen=True)
class Target:
    """One line of the results: a figure of one benchmark and the bound it is held against."""

    benchmark: str
    figure: str
    says: str
    bound: float | None = None
    at_least: bool = True
    unit: str = ""

    def met(self, value: float) -> bool | None:
        if self.bound is None:
            return None
        return value >= self.bound if self.at_least else value <= self.bound


def _ratio(benchmark: str, figure: str, says: str, bound: float) -> Target:
    return Target(benchmark, figure, says, bound)


def _at_most(benchmark: str, figure: str, says: str, bound: float, unit: str) -> Target:
    return Target(benchmark, figure, says, bound, at_least=False, unit=unit)


TARGETS = (
    _ratio(
        "throughput", "ratio", "Pictures a second through API, ledger, queue and storage, over the bare pipeline", 0.9
    ),
    _ratio("throughput", "cpu_ratio", "CPU seconds a picture of the bare pipeline, over the worker's", 0.85),
    _at_most("latency", "p95_ms", "Submit to start, idle worker, p95, the worse database", 80, "ms"),
    _at_most("idle", "cores", "CPU of app and worker together when idle, over a minute", 0.02, "cores"),
    _ratio("ledger", "ratio", "Ledger hold + capture on PostgreSQL, over pgbench with the same locks and inserts", 0.3),
    _at_most("batch_submit", "seconds", "Submitting 500 pictures at once, PostgreSQL", 2.5, "s"),
    _at_most("batch_submit", "statements_per_100", "Statements of ours per 100 pictures of these", 60, ""),
    _at_most("gallery_page", "rerun_ms", "Gallery rerun, 60 of 10 000 pictures", 100, "ms"),
    _at_most("gallery_page", "first_load_s", "Gallery first load with the pictures shown, Chromium", 2, "s"),
    _ratio("job_read", "ratio", "GET /jobs/{id}, over a bare FastAPI route with one indexed read", 0.7),
    _at_most("webhook", "p95_ms", "Payment webhook answer, p95, the worse database, four events at once", 50, "ms"),
    _at_most("provider", "p50_ms", "Our overhead around a provider's call at 2 MP, p50", 150, "ms"),
    Target("provider", "job_p50_ms", "A whole job at 2 MP whose provider answers at once, p50", unit="ms"),
    _at_most("cutout", "seconds_2mp", "Cut-out + preset at 2 MP", 0.8, "s"),
    _at_most("cutout", "seconds_12mp", "Cut-out + preset at 12 MP", 3, "s"),
    _at_most("cutout", "peak_mb_12mp", "Peak memory of the worker's process at 12 MP", 1024, "MB"),
    _at_most("touch_up", "p95_ms", "A stroke of the touch-up editor in the pixel pool, 1024 px, p95", 300, "ms"),
    _at_most("analytics", "page_ms", "Analytics page, server time, 1 000 000 ledger postings on PostgreSQL", 300, "ms"),
    _at_most("app_memory", "rss_mb", "Memory of the app's process after visits and uploads", 250, "MB"),
    Target("app_memory", "heavy_imports", "cv2 and rembg modules imported by the app's process", 0, at_least=False),
    Target("cutout", "iou_references", "Cut-out IoU on photos with a reference, median"),
    Target("cutout", "iou_synthetic", "Cut-out IoU on 80 synthetic composites, median"),
    Target("cutout", "alpha_mae_synthetic", "Alpha mean absolute error on the same (0..1), median"),
    Target("cutout", "confidence_spearman", "Confidence against true IoU, rank correlation"),
    _at_most(
        "two_shots", "mae_worst", "Two photos: alpha mean absolute error on 48 drawn pairs at 2 MP, the worst", 0.03, ""
    ),
    _at_most("two_shots", "seconds_2mp", "Two photos at 2 MP", 1, "s"),
    Target("two_shots", "seconds_12mp", "Two photos at 12 MP", unit="s"),
    _at_most("two_shots", "peak_mb_12mp", "Peak memory of two photos at 12 MP", 1024, "MB"),
    Target("cutout", "accepted_precision", "Share of accepted cut-outs with IoU of 0.9 or more"),
)


def main(chosen: list[str]) -> int:
    """Measure, keep the figures, write the page. Exit 1 if a benchmark failed or a bound is missed."""
    names = list(dict.fromkeys(target.benchmark for target in TARGETS))
    figures: dict[str, Any] = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    failed = []
    for name in chosen or names:
        print(f"{name} …", flush=True)
        measured = _run(name)
        if measured is None:
            failed.append(name)
            continue
        figures[name] = measured | {"measured_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")}
        FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
        print(json.dumps(measured, indent=2), flush=True)
    missed = [target.says for target in TARGETS if _met(target, figures) is False]
    RESULTS.write_text(_page(figures))
    for name in failed:
        print(f"failed: {name}")
    for says in missed:
        print(f"missed: {says}")
    return 1 if failed or missed else 0


def _run(name: str) -> dict[str, Any] | None:
    code = f"import json; from bench.{name} import measure; print('\\n' + json.dumps(measure()))"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("VITRINE_")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HERE.parent, env=environment, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        return None
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def _value(target: Target, figures: dict[str, Any]) -> float | None:
    value = figures.get(target.benchmark, {}).get(target.figure)
    return None if value is None else float(value)


def _met(target: Target, figures: dict[str, Any]) -> bool | None:
    value = _value(target, figures)
    return None if value is None else target.met(value)


def _page(figures: dict[str, Any]) -> str:
    lines = [
        "# Benchmark results",
        "",
        "Written by `make bench`. Figures are medians of several rounds; a ratio compares both sides in the same run.",
        "Machines are noisy: read the ratios.",
        "",
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        "",
        "| what | measured | bound | met |",
        "| --- | --- | --- | --- |",
    ]
    lines += [_line(target, figures) for target in TARGETS]
    lines += ["", "## All figures", ""]
    for name, measured in figures.items():
        lines += [f"### {name} (`python -m bench {name}`)", "", "```json", json.dumps(measured, indent=2), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _line(target: Target, figures: dict[str, Any]) -> str:
    value = _value(target, figures)
    shown = "not measured" if value is None else f"{value:g} {target.unit}".strip()
    sign = "≥" if target.at_least else "≤"
    bound = "" if target.bound is None else f"{sign} {target.bound:g} {target.unit}".strip()
    met = {None: "", True: "yes", False: "**no**"}[_met(target, figures)]
    return f"| {target.says} | {shown} | {bound} | {met} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
