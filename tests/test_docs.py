"""The documents name what exists: a file or a name in backticks that was moved or renamed is found here."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("api", "assets", "bench", "components", "db", "docs", "pages", "services", "tests", "training")
FILE = re.compile(r"[\w./-]+\.(?:py|md|toml|txt|in|css|js|html)|[\w.-]+(?:/[\w.-]+)*/")
NAME = re.compile(r"[A-Za-z]+_\w+|[A-Za-z]+[a-z][A-Z]\w*")
MADE_BY_USE = {".venv/", "data/"}
EXAMPLES = {"REFUND_ORDERS", "VITRINE_ACME_API_KEY", "my_shop"}
OF_OTHERS = {"BrokenProcessPool", "PR_SET_PDEATHSIG"}


@cache
def files() -> list[Path]:
    here = [path for path in ROOT.iterdir() if path.is_file()]
    below = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [path.relative_to(ROOT) for path in here + below if "__pycache__" not in path.parts]


def in_backticks() -> list[tuple[str, str]]:
    """Each document and each of the texts that it sets as code, its examples of several lines left out."""
    return [
        (str(document), text)
        for document in files()
        if document.suffix == ".md" and document.name != "RESULTS.md"
        for text in re.findall(
            r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", (ROOT / document).read_text("utf-8"), flags=re.S | re.M)
        )
    ]


def test_every_file_that_a_document_names_exists() -> None:
    paths = [f"/{path}" for path in files()]
    folders = {f"/{parent}/" for path in files() for parent in path.parents}
    named = [(document, text) for document, text in in_backticks() if FILE.fullmatch(text)]

    missing = [
        (document, name)
        for document, name in named
        if name not in MADE_BY_USE
        and not any(path.endswith(f"/{name}") for path in (folders if name.endswith("/") else paths))
    ]

    assert len(named) > 100
    assert not missing


def test_every_name_of_the_code_that_a_document_uses_exists() -> None:
    code = [
        path
        for path in files()
        if path.suffix in (".py", ".toml", ".js", ".in", ".example") and path.name != Path(__file__).name
    ]
    known = {path.stem for path in files()}.union(
        *(re.findall(r"\w+", (ROOT / path).read_text("utf-8")) for path in code)
    )
    named = [(document, name) for document, text in in_backticks() for name in NAME.findall(text)]

    missing = [(document, name) for document, name in named if name not in known | EXAMPLES | OF_OTHERS]

    assert len(named) > 100
    assert not missing
