"""Every file stands in a room: a newcomer finds a feature's folder by its name."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ROOMS: dict[str, frozenset[str]] = {
    "components": frozenset(
        {
            "kit",  # plain data in, intent out
            "shell",  # what surrounds every screen
            "account",
            "auth",
            "billing",
            "create",
            "credits",
            "developers",
            "gallery",
            "home",
            "landing",
            "marketplaces",
            "picture",
            "products",
            "recipes",
            "restyle",
            "staff",
            "touch_up",
        }
    ),
    "pages": frozenset({"public", "shop", "developers", "admin"}),
    "api": frozenset({"v1", "browser", "edge"}),
    "services": frozenset(
        {
            "engine",  # DBOS alone
            "events",
            "pixels",
            "entitlements",
            "accounts",
            "credits",
            "studio",
            "library",
            "catalog",
            "jobs",
            "billing",
            "batches",
            "notifications",
            "insights",
            "staff",
            "demo",
        }
    ),
    "db": frozenset({"models", "migrations"}),
}
"""The rooms of each layer. A new feature adds its line here; the line says that the folder is meant."""

ENTRANCES = {
    "components/__init__.py",
    "pages/__init__.py",
    "pages/navigation.py",
    "api/__init__.py",
    "services/__init__.py",
    "services/bootstrap.py",
    "services/cursors.py",
    "services/errors.py",
    "db/__init__.py",
    "db/clock.py",
    "db/connection.py",
    "db/dialects.py",
    "db/ids.py",
    "db/locks.py",
    "db/types.py",
}
"""Files that may stand beside the rooms."""


def in_no_room(files: Iterable[str], layer: str) -> list[str]:
    """Those of `files` (paths from the root) that are in none of the layer's rooms."""
    inside = [Path(file) for file in files]
    return [
        path.as_posix()
        for path in inside
        if path.as_posix() not in ENTRANCES and (len(path.parts) < 3 or path.parts[1] not in ROOMS[layer])
    ]


def files_of(layer: str) -> list[str]:
    return [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / layer).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]


@pytest.mark.parametrize("layer", ROOMS)
def test_every_file_is_in_a_room(layer: str) -> None:
    assert in_no_room(files_of(layer), layer) == []


@pytest.mark.parametrize("layer", ROOMS)
def test_every_room_has_files(layer: str) -> None:
    rooms = {Path(file).parts[1] for file in files_of(layer) if file not in ENTRANCES}
    assert rooms == ROOMS[layer]


def test_a_file_in_no_room_is_found() -> None:
    assert in_no_room(["components/stray.py", "components/misc/x.py", "components/kit/table.py"], "components") == [
        "components/stray.py",
        "components/misc/x.py",
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*/*.py")), ids=lambda path: path.stem)
def test_a_page_is_short_and_starts_with_its_guard(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 40
    statements = [line for line in lines[1:] if line and not line.startswith((" ", ")", "#", "from ", "import ", '"'))]
    if path.name != "__init__.py":
        assert "guard." in statements[0]


DOCUMENTS = [
    path
    for path in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "training" / "README.md",
        *sorted((ROOT / "docs").rglob("*.md")),
    )
    if path.is_file()
]
_NAMED = re.compile(r"`((?:api|bench|components|db|docs|pages|services|tests|training)/[\w./-]*)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert [name for name in _NAMED.findall(text) if not (ROOT / name).exists()] == []
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert [link for link in links if not (document.parent / link).exists()] == []


PRODUCT = ("api", "bench", "components", "db", "pages", "services", "app.py", "config.py", "manage.py", "worker.py")
_IMPORTED = re.compile(r"^\s*(?:from|import) (\w+)", re.MULTILINE)


def test_training_and_the_product_import_nothing_of_each_other() -> None:
    def imports(*places: str) -> set[str]:
        files = [
            file
            for place in places
            for file in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))
        ]
        return {name for file in files for name in _IMPORTED.findall(file.read_text(encoding="utf-8"))}

    assert "training" not in imports(*PRODUCT)
    assert not imports("training") & {Path(place).stem for place in PRODUCT}
