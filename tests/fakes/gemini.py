"""Gemini's image API as far as we use it, over a real socket: it checks what the SDK sends and answers as Google does.

Shapes as in https://ai.google.dev/api/generate-content, November 2026: POST /v1beta/models/{model}:generateContent.
"""

import base64
import io
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image, ImageDraw

KEY = "test-key-of-the-fake"
MODEL = "gemini-2.5-flash-image"
# The sizes that the model makes for each ratio: https://ai.google.dev/gemini-api/docs/image-generation, November 2026.
SIZES = {
    **{"1:1": (1024, 1024), "2:3": (832, 1248), "3:2": (1248, 832), "3:4": (864, 1184), "4:3": (1184, 864)},
    **{"4:5": (896, 1152), "5:4": (1152, 896), "9:16": (768, 1344), "16:9": (1344, 768), "21:9": (1536, 672)},
}
_PATH = re.compile(r"/v1beta/models/([\w.-]+):generateContent")
_ERRORS = {
    "bad_request": (400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
    "wrong_key": (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    "unauthorized": (401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
    "forbidden": (403, "PERMISSION_DENIED", "The caller does not have permission."),
    "not_found": (404, "NOT_FOUND", "models/gone is not found for API version v1beta."),
    "timed_out": (408, "DEADLINE_EXCEEDED", "The request timed out."),
    "too_many": (429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    "come_back_much_later": (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota."),
    "gateway_gave_up": (504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
    "internal": (500, "INTERNAL", "An internal error has occurred."),
    "unavailable": (503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
}


@dataclass(frozen=True)
class Received:
    """One request that was as it should be."""

    model: str
    prompt: str
    picture: bytes
    aspect_ratio: str
    others: dict[str, bytes]


@dataclass
class FakeGemini:
    """What the fake does with the next requests: `script` is used up from the front, then `otherwise` counts.

    `received` and `faults` tell what came; `requests` counts every request that reached it, `in_hand` those that wait
    for their answer, before which comes a `pause` in seconds.
    """

    url: str = ""
    script: list[str] = field(default_factory=list)
    otherwise: str = "picture"
    pause: float = 0.0
    received: list[Received] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    requests: int = 0
    in_hand: int = 0
    answered_seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_behaviour(self) -> str:
        with self.lock:
            self.requests += 1
            return self.script.pop(0) if self.script else self.otherwise


@contextmanager
def fake_gemini(**behaviour: Any) -> Iterator[FakeGemini]:
    """A fake on a port of its own for the block."""
    fake = FakeGemini(**behaviour)
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


def _picture_of(part: dict[str, Any]) -> bytes:
    """The picture in a part of a request, without metadata."""
    kind = part["inlineData"].get("mimeType") or part["inlineData"]["mime_type"]  # proto JSON takes both
    raw = base64.b64decode(part["inlineData"]["data"].replace("-", "+").replace("_", "/"), validate=True)
    with Image.open(io.BytesIO(raw)) as image:
        assert image.get_format_mimetype() == kind
        assert not image.getexif() and "xmp" not in image.info, "metadata left our house"
    return raw


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fake: FakeGemini

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        started = time.perf_counter()
        behaviour = self.fake.next_behaviour()
        self.fake.in_hand += 1
        time.sleep(self.fake.pause)
        self.fake.in_hand -= 1
        try:
            received = self._checked(body)
        except (AssertionError, KeyError, ValueError, IndexError, OSError) as error:
            self.fake.faults.append(repr(error))
            self._error("bad_request")
            return
        self.fake.received.append(received)
        try:
            self._answer(behaviour, received)
        except OSError:  # the client has gone
            self.close_connection = True
        self.fake.answered_seconds += time.perf_counter() - started

    def _checked(self, body: bytes) -> Received:
        """The request as Google would read it; raises for what it would refuse."""
        found = _PATH.fullmatch(self.path)
        assert found, self.path
        assert self.headers["x-goog-api-key"] == KEY, "the key"
        assert self.headers["content-type"] == "application/json"
        data = json.loads(body)
        assert set(data) == {"contents", "generationConfig"}, sorted(data)
        (content,) = data["contents"]
        assert content["role"] == "user"
        picture, *others, words = content["parts"]
        raw = _picture_of(picture)
        further = {name["text"]: _picture_of(part) for name, part in zip(others[::2], others[1::2], strict=True)}
        assert isinstance(words["text"], str) and 20 < len(words["text"]) < 8000
        assert data["generationConfig"]["responseModalities"] == ["IMAGE"]
        ratio = data["generationConfig"]["imageConfig"]["aspectRatio"]
        assert ratio in SIZES, ratio
        return Received(found[1], words["text"], raw, ratio, further)

    def _answer(self, behaviour: str, received: Received) -> None:
        if behaviour in _ERRORS:
            self._error(behaviour)
        elif behaviour == "dropped":
            self.close_connection = True
            self.connection.shutdown(2)
        elif behaviour == "slow":
            time.sleep(30)
        elif behaviour in ("not_json", "bad_gateway"):
            self._send(200 if behaviour == "not_json" else 502, b"<html>Gateway</html>", {"Content-Type": "text/html"})
        elif behaviour == "empty":
            self._send(200, b"", {"Content-Type": "application/json"})
        elif behaviour == "not_base64":
            self._json(200, _candidate({"inlineData": {"mimeType": "image/png", "data": "!"}}, 1290))
        elif behaviour == "not_gzip":
            self._send(200, b"{}", {"Content-Type": "application/json", "Content-Encoding": "gzip"})
        elif behaviour == "prohibited_content":
            self._json(200, {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **_usage(0)})
        elif behaviour in ("image_safety", "no_image", "image_prohibited_content", "image_other"):
            finish = {"finishReason": behaviour.upper(), "finishMessage": "Unable to show the image.", "index": 0}
            self._json(200, {"candidates": [finish], **_usage(0)})
        elif behaviour == "words_only":
            self._json(200, _candidate({"text": "I would rather describe it."}, 12))
        else:
            data = base64.b64encode(_picture(behaviour, received)).decode()
            self._json(200, _candidate({"inlineData": {"mimeType": "image/png", "data": data}}, 1290))

    def _error(self, behaviour: str) -> None:
        code, status, message = _ERRORS[behaviour]
        details: list[dict[str, Any]] = []
        headers = {"Content-Type": "application/json"}
        if behaviour == "wrong_key":
            details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
        if behaviour == "come_back_much_later":
            details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3600s"}]
        if behaviour == "too_many":
            headers["Retry-After"] = "17"
        error = {"code": code, "message": message, "status": status, "details": details}
        self._send(code, json.dumps({"error": error}).encode(), headers)

    def _json(self, code: int, data: dict[str, Any]) -> None:
        self._send(code, json.dumps(data | {"modelVersion": MODEL, "responseId": "fake"}).encode(), {
            "Content-Type": "application/json; charset=UTF-8"
        })  # fmt: skip

    def _send(self, code: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


def _usage(made: int) -> dict[str, Any]:
    return {"usageMetadata": {"promptTokenCount": 400, "candidatesTokenCount": made, "totalTokenCount": 400 + made}}


def _candidate(part: dict[str, Any], tokens: int) -> dict[str, Any]:
    content = {"parts": [part], "role": "model"}
    return {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}], **_usage(tokens)}


def _picture(behaviour: str, received: Received) -> bytes:
    if behaviour == "not_an_image":
        return b"\x89PNG\r\n\x1a\n but nothing follows"
    size = SIZES[received.aspect_ratio]
    if behaviour == "blank":
        return _png(Image.new("RGB", size, "white"))
    if behaviour == "wrong_shape":
        return plush(1536, 672)
    if behaviour == "unchanged":
        with Image.open(io.BytesIO(received.picture)) as image:
            return _png(image.convert("RGB").resize(size))
    assert behaviour == "picture", behaviour
    return plush(*size)


@cache
def plush(width: int, height: int) -> bytes:
    """A furry bear of that size, as PNG."""
    image = Image.effect_noise((width, height), 12).convert("RGB")
    draw = ImageDraw.Draw(image)
    unit = min(width, height) / 10
    x, y = width / 2, height / 2
    for left, top, across, color in (
        (-2.6, -3.8, 1.1, "#a86f4c"),
        (2.6, -3.8, 1.1, "#a86f4c"),
        (0, -2.2, 2.4, "#c28a63"),
        (0, 2.0, 2.9, "#b87c55"),
        (0, -1.4, 1.0, "#ecd3b4"),
        (-0.9, -2.7, 0.3, "#1d1512"),
        (0.9, -2.7, 0.3, "#1d1512"),
    ):
        draw.circle((x + left * unit, y + top * unit), across * unit, fill=color)
    return _png(image)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()
