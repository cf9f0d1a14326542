"""A real server in a process of its own and a real Chromium, for tests that see what a person sees."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import randrange
from typing import Any, Literal
from uuid import uuid4

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.e2e.mounted import Mounted, mounted
from tests.support.postgres import free_port

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {375: 812, 1440: 900}
expect.set_options(timeout=30_000)  # a busy machine is slow, not wrong
Theme = Literal["light", "dark"]
WIDTHS_AND_THEMES: list[tuple[int, Theme]] = [
    (1440, "light"),
    (375, "dark"),
]  # each once is what layout and colours need


@dataclass
class Server:
    """`streamlit run app.py` on a port of its own, with a data folder of its own."""

    port: int
    data_dir: Path
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def stop(self) -> int:
        """Interrupt it as Ctrl-C does and wait; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@contextmanager
def running_server(data_dir: Path, **settings: str) -> Iterator[Server]:
    """A server that answers, until the block ends; `settings` are environment variables without their prefix."""
    port = free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith(("VITRINE_", "STREAMLIT_"))}
    own |= {"VITRINE_PORT": str(port), "VITRINE_DATA_DIR": str(data_dir), "VITRINE_CUTOUT_MODEL": "built-in"}
    own["VITRINE_TRUSTED_PROXIES"] = "127.0.0.1, ::1"  # so that each account comes from an address of its own
    own |= {f"VITRINE_{name.upper()}": value for name, value in settings.items()}
    before = [own["PYTHONPATH"]] if "PYTHONPATH" in own else []  # a benchmark's own sitecustomize goes first
    own["PYTHONPATH"] = os.pathsep.join([*before, str(ROOT / "tests" / "support" / "server_process")])
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir / "server.log"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=own, stdout=output, stderr=subprocess.STDOUT)
    server = Server(port, data_dir, process, log)
    try:
        _wait_until_it_answers(server)
        yield server
    finally:
        try:
            server.stop()
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(server: Server) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            if httpx.get(f"{server.url}/healthz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the server did not start:\n{server.log.read_text()[-4000:]}")


@dataclass
class Account:
    """Somebody who signed up; `cookies` hold the session."""

    email: str
    cookies: dict[str, str] = field(default_factory=dict)
    password: str = PASSWORD


def register(url: str, name: str = "Anna", email: str = "") -> Account:
    """Sign up as the form does: a CSRF token, then the post."""
    account = Account(email or f"{uuid4().hex[:12]}@example.com")
    account.cookies = _send_form(url, account, intent="register", name=name, accepted_terms="yes")
    return account


def sign_in(url: str, account: Account) -> Account:
    """The same account with another session, as in another browser."""
    return replace(account, cookies=_send_form(url, account, intent="sign-in"))


def _send_form(url: str, account: Account, **fields: str) -> dict[str, str]:
    """The cookies that the form of `/auth/session` gives. From a random address: one alone may not sign up for all."""
    sender = {"X-Forwarded-For": f"10.{randrange(256)}.{randrange(256)}.{randrange(1, 255)}"}
    with httpx.Client(base_url=url, timeout=30, headers=sender) as client:
        csrf = client.get("/auth/csrf").json()["csrf"]
        form = {"csrf": csrf, "email": account.email, "password": account.password, "next": "/", **fields}
        answer = client.post("/auth/session", data=form)
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"] == "/", answer.headers["location"]
        return dict(client.cookies)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with its worker for all tests of the process that do not need a fresh one."""
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Server]:
    """A server that nobody has asked for anything yet but whether it is up."""
    with running_server(tmp_path / "data", embedded_worker="0") as running:
        yield running


@pytest.fixture(scope="session")
def staff(server: Server) -> Account:
    """The shared server's first account, hence its super_admin."""
    return register(server.url, "Sam of the staff")


@pytest.fixture
def shop_owner(server: Server, staff: Account) -> Account:
    """An ordinary account with its 13 credits, new for each test."""
    return register(server.url, "Anna's Ceramics")


@pytest.fixture
def mount(chromium: Browser) -> Iterator[Callable[[str], Mounted]]:
    """`mount(name)` puts a component on an empty page."""
    context = chromium.new_context(viewport={"width": 900, "height": 700})
    yield lambda name: mounted(context, name)
    context.close()


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium, the one without a window first: it works a fifth less. Else Playwright's."""
    paths = map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))
    return playwright.chromium.launch(executable_path=next(filter(None, paths), None), args=FLAGS)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A browser window on a server, with what it asked for and complained about."""

    page: Page
    url: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a path and wait until the screen's heading or form is there."""
        self.page.goto(self.url + path)
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until Streamlit has finished the run and drawn a heading."""
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)
        self.page.wait_for_selector("h1, [role=alert]", timeout=60_000)

    @property
    def asked_elsewhere(self) -> list[str]:
        """Requests that left this machine."""
        own = re.compile(r"(https?|wss?)://(localhost|127\.0\.0\.1)[:/]|data:|blob:|about:")
        return [url for url in self.requests if not own.match(url)]


Visitor = Callable[..., Visit]


class Windows:
    """Browser windows that later tests use again: Streamlit's scripts are loaded and compiled already, which is most of
    what a page costs. Each is a browser of its own (a context), and is handed on without cookies and storage."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: list[Page] = []

    def take(self, width: int, theme: Theme) -> Page:
        """A window of that size and colour scheme. It asks for no motion: colours are there at once."""
        page = self._free.pop() if self._free else self._new()
        page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        return page

    def give_back(self, page: Page, url: str) -> None:
        """Empty the window, which keeps only what the browser has cached."""
        context = page.context
        for other in context.pages:
            if other is not page:
                other.close()
        context.clear_cookies()
        try:
            page.goto(f"{url}/healthz")  # of the same site: another one would cost a new process
            page.evaluate("localStorage.clear(), sessionStorage.clear()")
        except PlaywrightError:  # its server was stopped, or the page crashed
            context.close()
        else:
            self._free.append(page)

    def close(self) -> None:
        for page in self._free:
            page.context.close()

    def _new(self) -> Page:
        return self._browser.new_context(accept_downloads=True).new_page()


@pytest.fixture(scope="session")
def windows(chromium: Browser) -> Iterator[Windows]:
    kept = Windows(chromium)
    yield kept
    kept.close()


@pytest.fixture
def visit(windows: Windows, server: Server) -> Iterator[Visitor]:
    """`visit(account=None, width=1440, theme="light")` opens a window of its own, signed in by cookie."""
    open_now: list[tuple[Visit, dict[str, Callable[..., None]]]] = []

    def enter(account: Account | None = None, *, width: int = 1440, theme: Theme = "light", url: str = "") -> Visit:
        window = Visit(windows.take(width, theme), url or server.url)
        if account:
            cookies = account.cookies.items()
            window.page.context.add_cookies(
                [{"name": name, "value": value, "url": window.url} for name, value in cookies]
            )
        listeners: dict[str, Callable[..., None]] = {
            "request": lambda request: window.requests.append(request.url),
            "websocket": lambda socket: window.requests.append(socket.url),
            "console": lambda message: _note(window, message),
            "pageerror": lambda error: window.complaints.append(str(error)),
        }
        for event, listener in listeners.items():
            window.page.on(event, listener)  # type: ignore[call-overload]
        open_now.append((window, listeners))
        return window

    yield enter
    for window, listeners in open_now:
        for event, listener in listeners.items():
            window.page.remove_listener(event, listener)
        windows.give_back(window.page, window.url)


def _note(window: Visit, message: Any) -> None:
    if message.type == "error":
        window.complaints.append(message.text)


# Rules that Streamlit's own frame breaks and no setting of ours can mend, each with the reason.
STREAMLIT_RULES: dict[str, str] = {}


def axe_violations(page: Page) -> list[str]:
    """What axe finds wrong on the page once it stands still, a line each."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)
    page.wait_for_function("!document.querySelector('[data-stale=true]')")  # Streamlit pales what it redraws
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    rules = {rule: {"enabled": False} for rule in STREAMLIT_RULES}
    found = Axe().run(page, options={"resultTypes": ["violations"], "rules": rules})
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]} :: {node['target']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]
