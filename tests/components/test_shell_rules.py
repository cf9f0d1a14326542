"""What keeps screens from running for people they are not for, checked on the files themselves."""

import ast
from pathlib import Path

import pytest

from components.shell.page_table import SCREENS, SYSTEM, start_screen
from db.models import Role
from services.accounts.actor import Actor

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "pages"
SCRIPTS = sorted(path for path in PAGES.rglob("*.py") if path.name not in ("navigation.py", "__init__.py"))
GUARDS = {"visitor", "require_actor", "require_permission"}


def _actor(role: str) -> Actor:
    return Actor(id="usr_1", email="anna@example.com", name="", role=role, tier="free")


def test_no_pages_folder_lies_beside_the_script_that_streamlit_is_given() -> None:
    assert not (PAGES / "pages").exists()
    assert 'st.App(\n    "pages/navigation.py"' in (ROOT / "app.py").read_text()


def test_every_screen_is_in_the_page_table_and_the_other_way_round() -> None:
    assert {PAGES / screen.script for screen in SCREENS} == set(SCRIPTS)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(PAGES)))
def test_every_screen_starts_with_a_guard(script: Path) -> None:
    statements = ast.parse(script.read_text()).body
    if isinstance(statements[0], ast.Expr) and isinstance(statements[0].value, ast.Constant):
        statements = statements[1:]
    first = next(each for each in statements if not isinstance(each, ast.Import | ast.ImportFrom))
    assert isinstance(first, ast.Assign | ast.Expr), ast.unparse(first)
    assert isinstance(first.value, ast.Call), ast.unparse(first)
    assert _name(first.value.func) in GUARDS, ast.unparse(first)


@pytest.mark.parametrize("screen", [each for each in SCREENS if each.permission], ids=lambda s: s.path)
def test_a_staff_screen_is_guarded_by_the_permission_of_the_page_table(screen: object) -> None:
    source = (PAGES / screen.script).read_text()  # type: ignore[attr-defined]
    call = next(
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and _name(node.func) == "require_permission"
    )
    assert [_name(argument) for argument in call.args] == [screen.permission.name]  # type: ignore[attr-defined]


def test_the_page_table_lets_in_whom_it_should() -> None:
    assert not SYSTEM.is_open_to(None)
    assert not SYSTEM.is_open_to(_actor(Role.USER))
    assert all(SYSTEM.is_open_to(_actor(role)) for role in (Role.SUPPORT_ADMIN, Role.FINANCE_ADMIN, Role.SUPER_ADMIN))
    open_to_nobody_in_particular = {screen.path for screen in SCREENS if screen.is_open_to(None)}
    assert open_to_nobody_in_particular == {"welcome", "sign-in", "sign-up", "not-found"}
    assert start_screen(None).path == "welcome"
    assert start_screen(_actor(Role.USER)).path == "home"


def test_addresses_and_scripts_are_used_once() -> None:
    assert len({screen.path for screen in SCREENS}) == len(SCREENS)
    assert len({screen.script for screen in SCREENS}) == len(SCREENS)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
