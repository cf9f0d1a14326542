"""Pictures by address: every way inside is refused, and a server that misbehaves costs a moment and no more."""

import datetime as dt
import ipaddress
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import config
from config import Settings
from services.accounts.actor import Actor
from services.errors import ServiceError
from services.library import assets
from services.library.intake import FileTooLarge, UnsupportedMedia
from services.library.remote import Rules, UrlRefused, UrlUnreachable, fetch, is_public
from tests.services.library.conftest import drawn, encoded

PICTURE = encoded(drawn((80, 60)))
LOOPBACK = ipaddress.ip_address("127.0.0.1")


class Server(ThreadingHTTPServer):
    """A web server on loopback that does as the path says, and remembers who was asked for what."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.names: list[str | None] = []
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""

    def do_GET(self) -> None:
        self.server.asked.append((self.headers["Host"], self.path))
        url = urlsplit(self.path)
        answer: Callable[[dict[str, list[str]]], None] = getattr(self, url.path.split("/")[1].replace(".", "_"))
        answer(parse_qs(url.query))

    def _start(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def mug_jpg(self, _query: dict[str, list[str]]) -> None:
        self._start(Content_Length=str(len(PICTURE)))
        self.wfile.write(PICTURE)

    def page(self, _query: dict[str, list[str]]) -> None:
        self._start(Content_Type="image/jpeg")
        self.wfile.write(b"<!doctype html><html>not a picture</html>")

    def go(self, query: dict[str, list[str]]) -> None:
        self._start(302, Location=query["to"][0])

    def lost(self, _query: dict[str, list[str]]) -> None:
        self._start(302)

    def missing(self, _query: dict[str, list[str]]) -> None:
        self._start(404)

    def boasting(self, _query: dict[str, list[str]]) -> None:
        self._start(Content_Length=str(10**12))

    def endless(self, _query: dict[str, list[str]]) -> None:
        self._start()
        while True:
            self.wfile.write(bytes(1 << 16))

    def dripping(self, _query: dict[str, list[str]]) -> None:
        self._start()
        while True:
            self.wfile.write(b".")
            time.sleep(0.05)

    def stalling(self, _query: dict[str, list[str]]) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(10_000):
            self.wfile.write(f"X-{number}: y\r\n".encode())
            time.sleep(0.05)

    def silent(self, _query: dict[str, list[str]]) -> None:
        time.sleep(30)

    def nonsense(self, _query: dict[str, list[str]]) -> None:
        self.wfile.write(b"\x00\x01\x02 this is no HTTP\r\n\r\n")


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    config.configure(Settings(_env_file=None))  # type: ignore[call-arg]
    yield
    config.configure(None)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def names(table: dict[str, list[str]]) -> Callable[[str, int], list[str]]:
    """A resolver that knows `table` and addresses as they are."""

    def resolve(host: str, _port: int) -> list[str]:
        if host in table:
            return table[host]
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            raise OSError(f"unknown name {host}") from None

    return resolve


def rules(**changes: object) -> Rules:
    """Public addresses and 127.0.0.1, which stands for a public site here."""
    settings: dict[str, object] = {
        "resolve": names({"shop.test": ["127.0.0.1"], "inside.test": ["10.0.0.5"]}),
        "allows": lambda address: address == LOOPBACK or is_public(address),
        "ports": None,
        "deadline": 5.0,
        "silence": 2.0,
    }
    return Rules(**{**settings, **changes})  # type: ignore[arg-type]


def test_a_public_picture_is_fetched_under_its_own_name(server: Server) -> None:
    data, filename = fetch(f"http://shop.test:{server.server_port}/mug.jpg?size=large", rules())

    assert (data, filename) == (PICTURE, "mug.jpg")
    assert server.asked == [(f"shop.test:{server.server_port}", "/mug.jpg?size=large")]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::"),
    ],
)
def test_no_private_address_passes_for_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_pass(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://0.0.0.0/"),
        *("http://localhost/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/"),
        *("http://[::ffff:127.0.0.1]/", "http://[fe80::1]/", "http://10.0.0.1/", "http://192.168.0.1:8080/"),
        *(
            "file:///etc/passwd",
            "ftp://shop.example/a.jpg",
            "gopher://x/",
            "data:image/png;base64,AAAA",
            "javascript:1",
        ),
        *("//shop.example/a.jpg", "mug.jpg", "", "   ", "http://", "http:///a.jpg", "http://[::1"),
        *(
            "http://user:secret@shop.example/a.jpg",
            "http://shop.example:22/",
            "http://shop.example:6379/",
            "http://x:99999/",
        ),
    ],
)
def test_an_address_that_leads_inside_is_refused_by_the_rules_in_force(url: str) -> None:
    with pytest.raises(UrlRefused) as caught:
        fetch(url)

    assert (caught.value.code, caught.value.status) == ("validation", 422)
    assert caught.value.errors[0].field == "url"


def test_a_name_that_resolves_to_a_private_address_is_refused(server: Server) -> None:
    with pytest.raises(UrlRefused, match="private network"):
        fetch(f"http://inside.test:{server.server_port}/mug.jpg", rules())


def test_one_private_address_among_public_ones_is_enough_to_refuse(server: Server) -> None:
    mixed = rules(resolve=names({"mixed.test": ["127.0.0.1", "10.0.0.5"]}))

    with pytest.raises(UrlRefused, match="private network"):
        fetch(f"http://mixed.test:{server.server_port}/mug.jpg", mixed)
    assert server.asked == []


def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_connected_to(server: Server) -> None:
    answers = iter([["127.0.0.1"], ["169.254.169.254"], ["10.0.0.1"]])
    lookups = []

    def rebinding(host: str, port: int) -> list[str]:
        lookups.append(host)
        return next(answers)

    data, _ = fetch(f"http://rebind.test:{server.server_port}/mug.jpg", rules(resolve=rebinding))

    assert data == PICTURE
    assert lookups == ["rebind.test"]


def test_the_next_address_is_tried_when_the_first_does_not_answer(server: Server) -> None:
    both = rules(resolve=names({"two.test": ["127.0.0.2", "127.0.0.1"]}), allows=lambda address: address.is_loopback)

    assert fetch(f"http://two.test:{server.server_port}/mug.jpg", both)[0] == PICTURE


def test_a_redirect_is_followed_and_relative_ones_too(server: Server) -> None:
    base = f"http://shop.test:{server.server_port}"

    assert fetch(f"{base}/go?to={base}/go%3Fto=/mug.jpg", rules()) == (PICTURE, "mug.jpg")


@pytest.mark.parametrize(
    "target",
    [
        *("http://169.254.169.254/latest/meta-data/", "http://[::1]/mug.jpg", "http://10.0.0.1/", "file:///etc/passwd"),
        *("http://inside.test/mug.jpg", "//192.168.1.1/mug.jpg", "http://127.0.0.2/mug.jpg"),
    ],
)
def test_a_redirect_that_leads_inside_is_refused(server: Server, target: str) -> None:
    with pytest.raises(UrlRefused):
        fetch(f"http://shop.test:{server.server_port}/go?to={target}", rules())

    assert len(server.asked) == 1


def test_a_redirect_to_nonsense_is_given_up(server: Server) -> None:
    with pytest.raises(UrlUnreachable):
        fetch(f"http://shop.test:{server.server_port}/go?to=http://[::1", rules())


def test_a_redirect_without_end_is_given_up(server: Server) -> None:
    with pytest.raises(UrlUnreachable, match="too often"):
        fetch(f"http://shop.test:{server.server_port}/lost", rules())

    assert len(server.asked) == 4


@pytest.mark.parametrize("path", ["dripping", "stalling"])
def test_a_server_that_feeds_drop_by_drop_is_cut_off_at_the_deadline(server: Server, path: str) -> None:
    began = time.monotonic()

    with pytest.raises(UrlUnreachable, match="too long"):
        fetch(f"http://shop.test:{server.server_port}/{path}", rules(deadline=1.0))

    assert time.monotonic() - began < 15


def test_a_server_that_says_nothing_is_left(server: Server) -> None:
    with pytest.raises(UrlUnreachable):
        fetch(f"http://shop.test:{server.server_port}/silent", rules(silence=0.3))


def test_a_look_up_that_hangs_is_left() -> None:
    release = threading.Event()

    def hanging(_host: str, _port: int) -> list[str]:
        release.wait(60)
        return []

    began = time.monotonic()
    with pytest.raises(UrlUnreachable, match="too long"):
        fetch("http://hang.test/mug.jpg", rules(resolve=hanging, deadline=0.5))
    took = time.monotonic() - began
    release.set()

    assert took < 30


@pytest.mark.parametrize("path", ["endless", "boasting"])
def test_a_body_without_end_is_cut_off_at_the_limit(server: Server, path: str) -> None:
    config.configure(Settings(max_upload_bytes=1_000_000, _env_file=None))  # type: ignore[call-arg]

    with pytest.raises(FileTooLarge):
        fetch(f"http://shop.test:{server.server_port}/{path}", rules())


@pytest.mark.parametrize(("path", "words"), [("missing", "404"), ("nonsense", "could not fetch")])
def test_an_answer_that_is_no_picture_is_explained(server: Server, path: str, words: str) -> None:
    with pytest.raises(UrlUnreachable, match=words):
        fetch(f"http://shop.test:{server.server_port}/{path}", rules())


def test_an_unknown_name_is_explained() -> None:
    with pytest.raises(UrlUnreachable, match="no such site"):
        fetch("http://nowhere.test/a.jpg", rules())


@pytest.fixture
def tls_server(server: Server, tmp_path: Path) -> Server:
    """The same server over TLS, with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.test")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    context.sni_callback = lambda _socket, name, _context: server.names.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return server


def test_tls_asks_for_the_name_and_not_the_address_and_trusts_no_unknown_certificate(tls_server: Server) -> None:
    with pytest.raises(UrlUnreachable):
        fetch(f"https://shop.test:{tls_server.server_port}/mug.jpg", rules())

    assert tls_server.names == ["shop.test"]
    assert tls_server.asked == []


def test_an_imported_picture_is_processed_like_an_upload(
    sqlite_owner: Actor, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.library.remote._configured_rules", rules)

    view = assets.import_url(sqlite_owner, f"http://shop.test:{server.server_port}/mug.jpg")

    assert (view.filename, view.width, view.kind) == ("mug.jpg", 80, "original")


def test_a_page_that_claims_to_be_a_picture_is_refused_by_the_intake(
    sqlite_owner: Actor, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.library.remote._configured_rules", rules)

    with pytest.raises(UnsupportedMedia, match="web page"):
        assets.import_url(sqlite_owner, f"http://shop.test:{server.server_port}/page")


def test_private_addresses_can_be_allowed_for_tests_only(server: Server) -> None:
    config.configure(Settings(allow_private_urls=True, _env_file=None))  # type: ignore[call-arg]
    assert fetch(f"http://127.0.0.1:{server.server_port}/mug.jpg")[0] == PICTURE

    config.configure(Settings(_env_file=None))  # type: ignore[call-arg]
    with pytest.raises(ServiceError):
        fetch(f"http://127.0.0.1:{server.server_port}/mug.jpg")


@pytest.mark.parametrize("url", ["http://xn--zz--/", "http://xn--a/mug.jpg"])
def test_a_name_that_spells_nothing_is_refused_in_words_about_the_address(url: str) -> None:
    with pytest.raises(UrlRefused, match="not a valid address"):
        fetch(url, Rules(resolve=lambda _host, _port: ["93.184.215.14"]))


def test_port_zero_is_refused_and_not_taken_for_the_usual_one() -> None:
    with pytest.raises(UrlRefused, match="port 0"):
        fetch("http://shop.example:0/mug.jpg", Rules())
