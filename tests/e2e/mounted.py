"""A v2 component alone on an empty page of a real Chromium, drawn with the data that a test gives it."""

import json
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Page

from components.kit.parts import parts

PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

# Stands in for the network: a stream that the test feeds by hand.
FAKE_STREAM = """
window.streams = [];
window.EventSource = class extends EventTarget {
  static CLOSED = 2;
  constructor(url) { super(); this.url = url; this.readyState = 1; streams.push(this); }
  close() { this.readyState = 2; }
};
window.hear = (name, job) => {
  const event = new MessageEvent(name, { data: JSON.stringify(job) });
  streams.at(-1).dispatchEvent(event);
};
"""
MOUNT = """
async ([{ html, css, js }, fake]) => {
  eval(fake);
  const host = document.body.appendChild(document.createElement("div"));
  const root = host.attachShadow({ mode: "open" });
  root.innerHTML = `<style>${css}</style>${html}`;
  const module = await import(URL.createObjectURL(new Blob([js], { type: "text/javascript" })));
  window.told = [];
  const tell = (name, value) => told.push([name, value]);
  window.show = (data) => {
    window.leave?.();
    window.leave = module.default({ data, parentElement: root, setTriggerValue: tell, setStateValue: tell });
  };
}
"""


@dataclass
class Mounted:
    """A component on an otherwise empty page."""

    page: Page

    def show(self, **data: Any) -> None:
        """Draw it with `data`, as a rerun does."""
        self.page.evaluate(f"show({json.dumps(data)})")

    def hear(self, event: str, **job: Any) -> None:
        """Let the stream say something of a job."""
        self.page.evaluate(f"hear({json.dumps(event)}, {json.dumps(job)})")

    def has_told(self, *calls: list[Any]) -> bool:
        """Whether the component tells the page these things and, in a while, no others."""
        self.page.wait_for_function("count => told.length >= count", arg=len(calls))
        self.page.wait_for_timeout(200)
        found: list[list[Any]] = self.page.evaluate("told")
        return found == list(calls)


def mounted(context: BrowserContext, name: str) -> Mounted:
    """The component `components/<name>` on a new page."""
    page = context.new_page()
    page.goto("about:blank")
    page.evaluate(MOUNT, [dict(parts(name)), FAKE_STREAM])
    return Mounted(page)
