"""What each process does without: what it does not need it does not load, which is memory and time to start."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STUDIO = "recipes, pricing, marketplaces, encoding, framing, quality, compare, rendered"
APP = f"""
import sys, api.v1.app, components.shell.frame, components.restyle.form, services.staff.prompts
from services.studio import {STUDIO}
from services.studio.providers import registry
registry.find('gemini').open()
print(*sys.modules)
"""
WORKER = "import sys, services.engine.worker_process, services.jobs.tasks, services.insights.tasks; print(*sys.modules)"


@cache
def loaded(program: str) -> frozenset[str]:
    environment = os.environ | {"VITRINE_GEMINI_API_KEY": "a-key"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return frozenset(done.stdout.split())


@pytest.mark.parametrize("name", ["cv2", "rembg", "google.genai", "google.auth", "pandas"])
def test_the_app_does_not_load(name: str) -> None:
    assert name not in loaded(APP)  # Streamlit loads plotly itself, wherever it is installed


@pytest.mark.parametrize("name", ["pandas", "plotly", "streamlit"])
def test_a_worker_does_not_load(name: str) -> None:
    assert name not in loaded(WORKER)
