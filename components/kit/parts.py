"""The markup, style and script of the v2 components, read once from the files beside their Python."""

from functools import cache
from pathlib import Path
from typing import TypedDict

_COMPONENTS = Path(__file__).parents[1]


class Parts(TypedDict):
    """What `st.components.v2.component` takes. All three are ours alone: a person's data goes through `data`."""

    html: str
    css: str
    js: str


def parts(name: str) -> Parts:
    """The files `components/<name>.html|css|js`; the shared look comes before the component's own style."""
    return Parts(html=_read(f"{name}.html"), css=_read("kit/look.css") + _read(f"{name}.css"), js=_read(f"{name}.js"))


@cache
def _read(name: str) -> str:
    return (_COMPONENTS / name).read_text(encoding="utf-8")
