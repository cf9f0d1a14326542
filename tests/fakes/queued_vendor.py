"""A vendor that makes a job of each picture: it is submitted, then polled until it is done. Over a real socket."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.fakes.gemini import plush

KEY = "key-of-the-queued-vendor"


@dataclass
class FakeVendor:
    """What the fake answers to the next polls: `script` is used up from the front, then `otherwise` counts.

    `refusal` is the status that it answers to every submission. `lost` are those that come, from the front, in place of
    the id of a job that it took. `submissions` are the requests it takes money for, one a key, `polls` and `cancelled`
    the ids that were asked about.
    """

    url: str = ""
    script: list[str] = field(default_factory=list)
    otherwise: str = "done"
    refusal: int | None = None
    lost: list[int] = field(default_factory=list)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    polls: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def fake_vendor(**behaviour: Any) -> Iterator[FakeVendor]:
    """A fake on a port of its own for the block."""
    fake = FakeVendor(**behaviour)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": fake}))
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    fake: FakeVendor

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if not self._has_key():
            return
        if self.fake.refusal is not None:
            self._send(self.fake.refusal, {"error": "refused"})
            return
        with self.fake.lock:
            sent["key"] = self.headers["idempotency-key"]
            base64.b64decode(sent["picture"], validate=True)
            keys = [earlier["key"] for earlier in self.fake.submissions]
            if sent["key"] not in keys:
                keys.append(sent["key"])
                self.fake.submissions.append(sent)
            if self.fake.lost:
                self._send(self.fake.lost.pop(0), {"gateway": "is tired"})
                return
            self._send(202, {"id": f"vendor-job-{keys.index(sent['key']) + 1}"})

    def do_GET(self) -> None:
        if not self._has_key():
            return
        with self.fake.lock:
            self.fake.polls.append(self.path.rsplit("/", 1)[1])
            state = self.fake.script.pop(0) if self.fake.script else self.fake.otherwise
        if state == "unavailable":
            self._send(503, {"error": "try again"})
        elif state == "done":
            picture = base64.b64encode(plush(1024, 1024)).decode()
            self._send(200, {"state": "done", "picture": picture, "cost_micros": 21_000})
        else:
            self._send(200, {"state": state})

    def do_DELETE(self) -> None:
        if self._has_key():
            self.fake.cancelled.append(self.path.rsplit("/", 1)[1])
            self._send(200, {})

    def _has_key(self) -> bool:
        if self.headers["authorization"] == f"Bearer {KEY}":
            return True
        self.fake.faults.append("a request without the key")
        self._send(401, {"error": "key"})
        return False

    def _send(self, code: int, data: dict[str, Any]) -> None:
        body = json.dumps(data).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""
