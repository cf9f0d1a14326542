"""A plain HTML table that reads well, becomes a card a row on a phone, and can be read aloud."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st


@dataclass(frozen=True)
class Column:
    """A heading; `numeric` columns align right."""

    title: str
    numeric: bool = False


def table(label: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Draw `rows` of plain text (escaped here) under `columns`; `label` names the table to a screen reader."""
    head = "".join(f'<th scope="col"{_class(column)}>{escape(column.title)}</th>' for column in columns)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td{_class(column)} data-title="{escape(column.title)}">{escape(cell)}</td>'
            for column, cell in zip(columns, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    st.html(
        f'<div class="vt-table-frame" role="region" aria-label="{escape(label)}" tabindex="0">'
        f'<table class="vt-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _class(column: Column) -> str:
    return ' class="num"' if column.numeric else ""
