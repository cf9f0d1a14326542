"""Where code names a member of an enumeration that one table alone should know."""

import ast
from collections.abc import Collection
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("pages", "components", "api", "services", "db", "bench")


def mentions(enumeration: str, values: Collection[str], attribute: str, allowed: tuple[str, ...]) -> list[str]:
    """`file:line` of every `Enumeration.MEMBER`, of every string of `values`, and of every comparison with an
    `.attribute`, in the product's code but for the paths that begin with one of `allowed`."""
    return [
        f"{name}:{line}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not (name := str(path.relative_to(ROOT))).startswith(allowed)
        for line in _lines(path, enumeration, values, attribute)
    ]


def _lines(path: Path, enumeration: str, values: Collection[str], attribute: str) -> list[int]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Attribute(value=ast.Name(id=name)) if name == enumeration:
                found.append(node.lineno)
            case ast.Constant(value=str(value)) if value in values:
                found.append(node.lineno)
            case ast.Compare() if any(
                isinstance(side, ast.Attribute) and side.attr == attribute for side in (node.left, *node.comparators)
            ):
                found.append(node.lineno)
    return found
