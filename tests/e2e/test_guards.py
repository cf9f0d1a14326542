"""Who may run which screen, asked over HTTP and over the websocket as a stranger's program would."""

from pathlib import Path

import httpx
import pytest

from components.shell.page_table import SCREENS, SYSTEM
from tests.e2e.conftest import ROOT, Account, Server, Visitor
from tests.e2e.streamlit_protocol import calc_hash, run

pytestmark = pytest.mark.browser

STAFF_ONLY = (b"Workers", b"Recent failures", b"Everything works", b"Needs a look", b"Heartbeat")
PRIVATE = (b"Where they come from", b"Your first picture in one call", b'aria-label="Balance"', *STAFF_ONLY)


def _everything(url: str, **asked: object) -> bytes:
    return b"".join(message.SerializeToString() for message in run(url, **asked))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "asked",
    [
        {"page_name": SYSTEM.path},
        {"page_name": "admin/system", "page_hash": calc_hash(SYSTEM.path)},
        {"page_name": "admin", "page_hash": calc_hash(str(ROOT / "pages" / SYSTEM.script))},
    ],
    ids=["address", "script path and hash of the address", "folder and hash of the file"],
)
def test_a_server_whose_first_message_names_the_admin_page_runs_none_of_it(
    fresh_server: Server, asked: dict[str, str]
) -> None:
    said = _everything(fresh_server.url, **asked)
    assert not [word for word in STAFF_ONLY if word in said]
    assert "system_health" not in fresh_server.log.read_text()


def test_a_server_whose_first_request_is_an_admin_page_runs_none_of_it(fresh_server: Server) -> None:
    for path in ("/system", "/admin/system", "/pages/admin/system.py", "/system.py"):
        answer = httpx.get(fresh_server.url + path)
        assert not [word for word in (*STAFF_ONLY, b"require_permission") if word in answer.content]


def test_no_private_screen_says_anything_to_a_stranger(server: Server) -> None:
    for screen in SCREENS:
        if not screen.is_open_to(None):
            said = _everything(server.url, page_name=screen.path, page_hash=calc_hash(screen.path))
            assert not [word for word in PRIVATE if word in said], screen.path


def test_a_made_up_cookie_is_nobody(server: Server) -> None:
    said = _everything(server.url, page_name=SYSTEM.path, cookies={"vitrine_session": "x" * 43})
    assert not [word for word in PRIVATE if word in said]


def test_an_ordinary_account_is_refused_on_the_admin_page(server: Server, shop_owner: Account) -> None:
    said = _everything(server.url, page_name=SYSTEM.path, cookies=shop_owner.cookies)
    assert b"staff only" in said
    assert not [word for word in STAFF_ONLY if word in said]


def test_staff_see_the_admin_page(server: Server, staff: Account) -> None:
    said = _everything(server.url, page_name=SYSTEM.path, cookies=staff.cookies)
    assert b"Workers" in said
    assert b"Database" in said


@pytest.mark.parametrize("path", ["/credits", "/developers", "/system", "/gallery"])
def test_somebody_who_is_not_signed_in_lands_on_the_sign_in_page(visit: Visitor, path: str) -> None:
    page = visit().open(path)
    page.wait_for_selector("text=Welcome back")
    page.wait_for_url(f"**/sign-in?next={path.replace('/', '%2F')}")


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/openapi.json"])
def test_what_streamlit_tells_about_itself_is_closed(server: Server, path: str) -> None:
    assert httpx.get(server.url + path).status_code == 404


def test_the_source_of_no_screen_is_served(server: Server) -> None:
    for script in (ROOT / "pages").rglob("*.py"):
        answer = httpx.get(f"{server.url}/{script.relative_to(ROOT)}")
        assert b"import streamlit" not in answer.content, script


def test_every_answer_carries_the_security_headers(server: Server) -> None:
    for path in ("/", "/sign-in", "/assets/mark.svg", "/_stcore/health", "/api/v1/health", "/nowhere"):
        headers = httpx.get(server.url + path).headers
        assert "unsafe-eval" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-request-id"]


def test_the_assets_folder_serves_nothing_above_itself(server: Server) -> None:
    for path in ("/assets/../draw_pictures.py", "/assets/%2e%2e/draw_pictures.py", "/assets/..%2fdraw_pictures.py"):
        assert b"SAMPLE_PRODUCTS" not in httpx.get(server.url + path).content
    assert (Path(ROOT) / "assets" / "draw_pictures.py").is_file()
