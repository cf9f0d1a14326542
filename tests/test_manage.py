"""The command line: what its commands do and print, and how it ends."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import Result
from typer.testing import CliRunner

import config
import manage as manage_py
from config import Settings
from services import bootstrap
from services.events.consumers import consume
from services.notifications.consumer import INBOX
from services.studio.ondevice.model_files import DEFAULT_MODEL, MODELS, Model
from tests.fakes.model_server import model_server
from tests.support.postgres import free_port

ROOT = Path(__file__).parents[1]


class CommandLine:
    """`manage.py` on an installation of its own."""

    def __init__(self, data_dir: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")}
        self._environment = kept | {"VITRINE_DATA_DIR": str(data_dir), "VITRINE_MODEL_DOWNLOAD": "0"}

    def __call__(self, *arguments: str) -> Result:
        """Run a command in this process, which spares it loading everything."""
        return CliRunner().invoke(manage_py.cli, arguments, catch_exceptions=False)

    def start(self, *arguments: str, log: Path, **settings: str) -> "subprocess.Popen[bytes]":
        """A process of its own, writing to `log`; `settings` are environment variables without their prefix."""
        own = {f"VITRINE_{name.upper()}": value for name, value in settings.items()}
        with log.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), *arguments],
                env=self._environment | own,
                stdout=output,
                stderr=subprocess.STDOUT,
            )


@pytest.fixture
def manage(tmp_path: Path, sqlite_template: Path) -> Iterator[CommandLine]:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(sqlite_template, data / "vitrine.db")
    bootstrap.start(Settings(data_dir=data, _env_file=None))  # type: ignore[call-arg]
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # as `main` has it: not on its output
    yield CommandLine(data)
    structlog.configure(**before)
    bootstrap.stop()
    config.configure(None)


def test_a_user_gets_credits_and_a_key_of_which_only_the_key_is_printed(manage: CommandLine) -> None:
    made = manage("create-user", "anna@example.com", "--password", "correct horse battery", "--credits", "25")
    assert made.stdout.startswith("usr_"), made.stderr
    key = manage("create-api-key", "anna@example.com", "--name", "script", "--scopes", "read,write")
    assert key.stdout.startswith("vit_")
    assert len(key.stdout.split()) == 1
    assert manage("verify-ledger").exit_code == 0


def test_a_mistake_is_a_sentence_and_exit_1_without_a_traceback(manage: CommandLine, tmp_path: Path) -> None:
    log = tmp_path / "mistake.log"
    assert manage.start("create-api-key", "nobody@example.com", log=log).wait(60) == 1
    said = log.read_text()
    assert "There is no account" in said
    assert "Traceback" not in said


def test_books_that_are_off_are_listed_and_exit_1(manage: CommandLine, tmp_path: Path) -> None:
    import sqlite3

    manage("create-user", "anna@example.com", "--password", "correct horse battery")
    with sqlite3.connect(tmp_path / "data" / "vitrine.db") as tampered:
        tampered.execute("UPDATE credit_accounts SET available = available + 5")
    proof = manage("verify-ledger")
    assert proof.exit_code == 1
    assert proof.stdout.count("\n") >= 1


def test_the_program_itself_makes_a_user_on_an_installation_that_is_new(manage: CommandLine, tmp_path: Path) -> None:
    log = tmp_path / "log"
    for arguments in (["migrate"], ["create-user", "new@example.com", "--password", "correct horse battery"]):
        process = manage.start(*arguments, log=log, data_dir=str(tmp_path / "new"))
        assert process.wait(60) == 0, log.read_text()


def test_doctor_and_sweep_report_on_a_fresh_installation(manage: CommandLine) -> None:
    report = manage("doctor")
    assert report.exit_code == 0, report.stderr
    assert "database   ok (SQLite)" in report.stdout
    assert "worker     none alive" in report.stdout
    assert manage("sweep").stdout == "Removed: credits 0, pictures 0, leftover files 0.\n"


def test_the_cut_out_model_is_fetched_beforehand_even_where_workers_may_not(
    manage: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytes(1_000_000)
    monkeypatch.setitem(MODELS, DEFAULT_MODEL, Model(f"{DEFAULT_MODEL}.onnx", hashlib.md5(data).hexdigest()))
    with model_server(data, status=403) as server:
        config.configure(config.settings().model_copy(update={"models_url": server.url, "model_download": False}))
        refused = manage("model")
        assert refused.exit_code == 1
        assert "answered with error 403. Until it is here" in refused.stderr
        server.status = 200
        fetched, again = manage("model"), manage("model")
    assert (fetched.exit_code, again.exit_code, len(server.asked)) == (0, 0, 2)
    assert f"{DEFAULT_MODEL}: 50 % of 1 MB" in fetched.stderr
    assert (tmp_path / "data" / "models" / f"{DEFAULT_MODEL}.onnx").read_bytes() == data
    assert DEFAULT_MODEL in manage("doctor").stdout


def test_a_consumer_reads_events_again_from_the_moment_that_is_asked_for(manage: CommandLine) -> None:
    manage("create-user", "anna@example.com", "--password", "correct horse battery")
    assert consume(INBOX) > 0
    assert "from 2126-01-31 00:00:00" in manage("replay-events", "inbox", "--since", "2126-01-31").stdout
    assert consume(INBOX) == 0
    assert "from the oldest event that is kept" in manage("replay-events", "inbox").stdout
    assert consume(INBOX) > 0


def test_photos_are_processed_without_a_server_and_a_bad_one_does_not_stop_the_rest(
    manage: CommandLine, photos: Path, tmp_path: Path
) -> None:
    text = tmp_path / "note.jpg"
    text.write_text("not a picture")
    done = manage(
        "process", str(text), str(photos / "mug.jpg"), "--recipe", "amazon_main", "--out", str(tmp_path / "out")
    )
    assert done.exit_code == 1
    assert "note.jpg: This is a text file" in done.stdout
    assert (tmp_path / "out" / "mug.jpg").stat().st_size > 10_000


def test_the_demo_is_as_large_as_asked_for_and_its_logins_are_said(
    manage: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def seed(**size: int) -> bool:  # tests/services/demo makes a whole one
        asked.append(size)
        return len(asked) == 1

    monkeypatch.setattr("services.demo.seed.seed", seed)
    small = ("seed-demo", "--days", "4", "--shops", "2", "--products", "1")
    assert "Sign in as demo@example.com with the password vitrine demo shop: " in manage(*small).stderr
    assert "was there already" in manage(*small).stderr
    assert asked == [{"days": 4, "others": 2, "earlier": 1}] * 2


def test_the_figures_are_computed_again(manage: CommandLine) -> None:
    manage("create-user", "anna@example.com", "--password", "correct horse battery")
    assert manage("rebuild-figures").stdout == "Days computed: 1.\n"


def test_ctrl_c_lets_the_worker_finish_and_ends_quietly_with_0(manage: CommandLine, tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    running = manage.start("run", log=log, port=str(free_port()), cutout_model="built-in")
    try:
        deadline = time.monotonic() + 120
        while "is ready" not in log.read_text() and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        code = running.wait(60)
    finally:
        running.kill()
    said = log.read_text()
    assert code == 0, said
    assert "has stopped" in said  # the worker, by itself
    assert "Aborted" not in said
    assert "Traceback" not in said
