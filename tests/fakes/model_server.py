"""A site that offers a model's file, over a real socket: slowly, in parts, cut off, without ranges, or not at all."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any


@dataclass
class ModelServer:
    """What it sends. `cut_after` are the bytes after which each next answer breaks off, used up from the front;
    `asked` are the Range headers that came, None for a request of the whole file; `paths` what was asked for."""

    data: bytes
    ranges: bool = True
    status: int = 200
    seconds_a_piece: float = 0.0
    piece: int = 20_000
    cut_after: list[int] = field(default_factory=list)
    says_length: bool = True
    url: str = ""
    asked: list[str | None] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def model_server(data: bytes, tls: SSLContext | None = None, **behaviour: Any) -> Iterator[ModelServer]:
    """One on a port of its own for the block; with `tls` over https, as localhost."""
    fake = ModelServer(data, **behaviour)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": fake}))
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site = "http://127.0.0.1" if tls is None else "https://localhost"
    fake.url = f"{site}:{server.server_port}/models"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    fake: ModelServer

    def do_GET(self) -> None:
        fake, wanted = self.fake, self.headers["range"]
        fake.asked.append(wanted)
        fake.paths.append(self.path)
        if fake.status != 200:
            self.send_error(fake.status)
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and fake.ranges else 0  # type: ignore[index]
        if start and start >= len(fake.data):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(fake.data)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if wanted and fake.ranges else 200)
        if wanted and fake.ranges:
            self.send_header("Content-Range", f"bytes {start}-{len(fake.data) - 1}/{len(fake.data)}")
        if fake.says_length:
            self.send_header("Content-Length", str(len(fake.data) - start))
        self.end_headers()
        self._send(fake.data[start:], fake.cut_after.pop(0) if fake.cut_after else None)

    def _send(self, body: bytes, cut_after: int | None) -> None:
        body = body if cut_after is None else body[:cut_after]
        for at in range(0, len(body), self.fake.piece):
            try:
                self.wfile.write(body[at : at + self.fake.piece])
                self.wfile.flush()
            except OSError:  # the one who asked is gone
                return
            time.sleep(self.fake.seconds_a_piece)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""
