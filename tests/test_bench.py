"""What benchmarks write into the database by hand fits its tables, which a benchmark alone would find out late."""

import re
from pathlib import Path

import pytest

import db.models  # noqa: F401
from db.models.base import SQLModel

BENCH = Path(__file__).parents[1] / "bench"
ROWS = re.compile(r"INSERT INTO (\w+)\s*\(([^)]*)\)")


def written() -> list[tuple[str, str, set[str]]]:
    """File, table and columns of each statement that adds rows."""
    found = []
    for file in sorted(BENCH.glob("*.py")):
        text = re.sub(r'"\s*\n\s*"', "", file.read_text(encoding="utf-8"))
        found += [(file.name, table, set(re.findall(r"\w+", columns))) for table, columns in ROWS.findall(text)]
    return found


@pytest.mark.parametrize(("file", "table", "columns"), written())
def test_a_benchmark_names_columns_that_exist(file: str, table: str, columns: set[str]) -> None:
    assert columns <= set(SQLModel.metadata.tables[table].columns.keys())


def test_statements_are_found() -> None:
    assert {"ledger.py", "analytics.py"} <= {file for file, _, _ in written()}
