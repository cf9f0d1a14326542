"""Fetching pictures from public addresses, never from the private network: each hop is resolved, checked and pinned."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote

import httpx

from config import VERSION, settings
from services.errors import FieldError, Invalid, ServiceError
from services.library.intake import FileTooLarge

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

_PORTS = frozenset({80, 443, 8080, 8443})
_MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_UNREADABLE = "This is not a valid address. It must look like https://shop.example/mug.jpg."
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# For protocols, not for sites; some Pythons count parts of them as global.
_SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "2001::/23")))
# Not the event loop's own threads: ending the loop would wait for a lookup that hangs.
_lookups = ThreadPoolExecutor(4, thread_name_prefix="lookup")


class UrlRefused(Invalid):
    """An address that we never fetch: not http(s), or leading to a private network."""

    def __init__(self, message: str) -> None:
        super().__init__(message, errors=(FieldError("url", message),))


class UrlUnreachable(ServiceError):
    """The address returned no picture: no such host, no answer in time, an error, too many redirects."""

    code = "url_unreachable"
    status = 422
    message = "We could not fetch a picture from this address. Open it in your browser to check, or upload the file."
    retryable = True


def system_resolve(host: str, port: int) -> Sequence[str]:
    """Every IP address of a host name, as the system resolves it. Raises OSError."""
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def is_public(address: Address) -> bool:
    """Whether an IP address is on the public internet, also one with an IPv4 address embedded."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return False
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


@dataclass(frozen=True)
class Rules:
    """What may be fetched, and how long it may take (seconds). Tests pass their own resolver and check."""

    resolve: Resolve = system_resolve
    allows: Callable[[Address], bool] = is_public
    ports: frozenset[int] | None = _PORTS
    deadline: float = 20.0
    silence: float = 5.0


def fetch(url: str, rules: Rules | None = None) -> tuple[bytes, str]:
    """The bytes behind a public http(s) address and a file name made from it.

    Raises UrlRefused, UrlUnreachable, FileTooLarge. The intake checks whether they are a picture.
    """
    rules = rules or _configured_rules()
    try:
        return asyncio.run(_within_deadline(url, rules))
    except TimeoutError as error:
        raise UrlUnreachable("This address took too long to answer. Try again, or upload the file.") from error
    except httpx.HTTPError as error:
        raise UrlUnreachable from error
    except UnicodeError as error:  # not a valid host name, noticed only when it is encoded
        raise UrlRefused(_UNREADABLE) from error


def _configured_rules() -> Rules:
    if settings().allow_private_urls:
        return Rules(allows=lambda _address: True, ports=None)
    return Rules()


async def _within_deadline(url: str, rules: Rules) -> tuple[bytes, str]:
    """A limit on the whole request: the time-outs of httpx restart with every byte."""
    async with asyncio.timeout(rules.deadline), _client(rules) as client:
        target = _parsed(url, rules)
        for _hop in range(_MAX_REDIRECTS + 1):
            async with client.stream("GET", target) as answer:
                if answer.status_code not in _REDIRECTS:
                    return await _body(answer), _filename(target)
                target = _parsed(answer.headers.get("location", ""), rules, target)
    raise UrlUnreachable("This address redirects too often. Give the address of the picture itself.")


def _client(rules: Rules) -> httpx.AsyncClient:
    headers = {
        "User-Agent": f"Vitrine/{VERSION} (picture import)",
        "Accept": "image/*",
        "Accept-Encoding": "identity",  # a compressed body could expand without limit
    }
    return httpx.AsyncClient(
        transport=PinnedTransport(rules),
        headers=headers,
        timeout=httpx.Timeout(rules.silence),
        follow_redirects=False,
        trust_env=False,  # a proxy would resolve the name again
    )


def _parsed(url: str, rules: Rules, base: httpx.URL | None = None) -> httpx.URL:
    """The address, if it may be fetched; `base` is where a redirect came from. Raises UrlRefused."""
    try:
        target = base.join(url) if base else httpx.URL(url.strip())
        port = _port(target)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise UrlRefused(_UNREADABLE) from error
    if target.scheme not in ("http", "https") or not target.host:
        raise UrlRefused("Only addresses that begin with http:// or https:// can be fetched.")
    if target.userinfo:
        raise UrlRefused("Addresses with a user name or password in them are not fetched.")
    if rules.ports is not None and port not in rules.ports:
        raise UrlRefused(f"Addresses with port {port} are not fetched.")
    return target


def _port(url: httpx.URL) -> int:
    return url.port if url.port is not None else (443 if url.scheme == "https" else 80)


class PinnedTransport(httpx.AsyncBaseTransport):
    """Resolves the name once, checks every address it has, and connects to a checked address and no other.

    The name stays in the Host header and in the TLS handshake, so certificates are checked against it; a name that
    resolves to something else a moment later changes nothing.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._inner = httpx.AsyncHTTPTransport(trust_env=False, retries=0)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        addresses = await self._checked(host, _port(request.url))
        request.extensions = {**request.extensions, "sni_hostname": host}
        return await self._first_that_answers(request, addresses)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _checked(self, host: str, port: int) -> list[Address]:
        names = await _resolved(self._rules.resolve, host, port)
        addresses = [ipaddress.ip_address(name) for name in names]
        if not addresses:
            raise UrlUnreachable("There is no such site. Check the address.")
        if not all(self._rules.allows(address) for address in addresses):
            raise UrlRefused(
                "This address is in a private network. Only pictures on the public internet can be fetched."
            )
        return addresses

    async def _first_that_answers(self, request: httpx.Request, addresses: list[Address]) -> httpx.Response:
        url = request.url
        for address in addresses[:-1]:
            request.url = url.copy_with(host=str(address))
            try:
                return await self._inner.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        request.url = url.copy_with(host=str(addresses[-1]))
        return await self._inner.handle_async_request(request)


async def _resolved(resolve: Resolve, host: str, port: int) -> Sequence[str]:
    try:
        found: Awaitable[Sequence[str]] = asyncio.wrap_future(_lookups.submit(resolve, host, port))
        return await found
    except (OSError, UnicodeError) as error:
        raise UrlUnreachable("There is no such site. Check the address.") from error


async def _body(answer: httpx.Response) -> bytes:
    limit = settings().max_upload_bytes
    if answer.status_code != 200:
        raise UrlUnreachable(f"This address answered with error {answer.status_code} instead of a picture.")
    declared = answer.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise FileTooLarge.over(limit)
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > limit:
            raise FileTooLarge.over(limit)
    return bytes(body)


def _filename(url: httpx.URL) -> str:
    return PurePosixPath(unquote(url.path)).name or url.host
