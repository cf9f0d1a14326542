"""Pictures and archives as HTTP answers: names safe in a header, no sniffing, cached by who may see them only."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.library.downloads import Archive
from services.library.links import Content

_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def disposition(filename: str, *, download: bool) -> str:
    """A Content-Disposition for any name: an ASCII form for old clients and the exact one (RFC 6266)."""
    kind = "attachment" if download else "inline"
    plain = filename.encode("ascii", "replace").decode().replace("?", "_").replace("\\", "_").replace('"', "_")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def caching(etag: str, *, max_age: int = 0) -> dict[str, str]:
    """For this person's browser alone; without `max_age` (seconds) it asks each time whether its copy is right."""
    control = f"private, max-age={max_age}, immutable" if max_age else "private, no-cache"
    return {"ETag": f'"{etag}"', "Cache-Control": control}


def unchanged(request: Request, etag: str) -> bool:
    """Whether the browser says that it has this very picture."""
    offered = request.headers.get("if-none-match", "")
    return offered.strip() == "*" or etag in (one.strip().removeprefix("W/").strip('"') for one in offered.split(","))


def picture(content: Content, *, max_age: int = 0, download: bool = False) -> Response:
    """The bytes of a picture."""
    headers = {
        **_SAFE,
        **caching(content.etag, max_age=max_age),
        "Content-Disposition": disposition(content.filename, download=download),
    }
    return Response(content.data, media_type=content.content_type, headers=headers)


def archive(packed: Archive) -> Response:
    """The ZIP, sent piece by piece as it is made."""
    headers = {
        "Content-Disposition": disposition(packed.filename, download=True),
        "Content-Length": str(packed.size),
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(packed.pieces, media_type="application/zip", headers=headers)


def not_modified(etag: str, *, max_age: int = 0) -> Response:
    """Says that the browser's copy is still right."""
    return Response(status_code=304, headers=caching(etag, max_age=max_age))
