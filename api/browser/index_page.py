"""The HTML every screen starts from: Streamlit's own, with our name and icon, in the right theme at first paint."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

_STREAMLIT_INDEX = Path(streamlit.__file__).parent / "static" / "index.html"

# Streamlit keeps the chosen theme per path under its own key; ours holds for the whole site.
_THEME_SCRIPT = """
window.__streamlit = { BACKEND_BASE_URL: location.origin };  // or it looks for a server below each path first
(() => {
  let theme = "system";
  try { theme = localStorage.getItem("vitrine-theme") || "system"; } catch { return; }
  const key = "stActiveTheme-" + location.pathname + "-v2";
  if (theme === "system") localStorage.removeItem(key);
  else localStorage.setItem(key, JSON.stringify(theme === "dark" ? "Dark" : "Light"));
  const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  document.documentElement.style.background = dark ? "#0f1114" : "#fbfbf9";
})()
"""


@cache
def index_html() -> str:
    """The page, built once."""
    html = _STREAMLIT_INDEX.read_text()
    html = html.replace("<title>Streamlit</title>", f"<title>Vitrine</title><script>{_THEME_SCRIPT}</script>")
    html = html.replace('href="./favicon.png"', 'href="/assets/favicon.png"')
    html = re.sub(r'<link rel="service-desc"[^>]*>', "", html)
    description = '<meta name="description" content="Phone photo in, marketplace-ready picture out.">'
    return html.replace("</head>", f"{description}</head>")


@cache
def inline_script_hashes() -> tuple[str, ...]:
    """CSP sources for every inline script of the page and of Streamlit's own, which unknown addresses get."""
    found = {
        script
        for html in (index_html(), _STREAMLIT_INDEX.read_text())
        for script in re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    }
    return tuple(
        sorted(f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in found)
    )


def _index(_request: Request) -> Response:
    return HTMLResponse(index_html(), headers={"Cache-Control": "no-cache"})


def _to_start(_request: Request) -> Response:
    return RedirectResponse("/", 307)


def screen_routes(addresses: list[str], start_addresses: list[str]) -> list[Route]:
    """A route for each screen; Streamlit knows the start screens as "/" only, so their own names lead there."""
    pages = [Route(address, _index, methods=["GET", "HEAD"]) for address in addresses]
    return pages + [Route(address, _to_start, methods=["GET", "HEAD"]) for address in start_addresses]
