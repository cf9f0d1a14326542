"""A model's file is fetched from a real server that is slow, breaks off, refuses or sends something else."""

import ast
import hashlib
import inspect
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from services.studio.ondevice import model_files
from services.studio.ondevice.model_files import DEFAULT_MODEL, MODELS, FetchFailed, Model, fetch, only_one_fetches
from tests.fakes.model_server import model_server

DATA = os.urandom(300_000)
FILE = f"{DEFAULT_MODEL}.onnx"
ROOT = Path(__file__).parents[4]
SHIPPED = dict(MODELS)


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default model is a small file here."""
    monkeypatch.setitem(MODELS, DEFAULT_MODEL, Model(FILE, hashlib.md5(DATA).hexdigest()))


def _part(home: Path) -> Path:
    [part] = home.glob("*.part")
    return part


def _failure(home: Path, url: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        fetch(DEFAULT_MODEL, home, url)
    assert model_files.model_file(DEFAULT_MODEL, home) is None
    return caught.value


def test_a_file_that_comes_slowly_in_parts_is_told_of_on_the_way_and_gets_its_name_at_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    named_too_early: list[bool] = []
    with model_server(DATA, seconds_a_piece=0.01) as server:
        file = fetch(
            DEFAULT_MODEL,
            tmp_path,
            server.url,
            lambda received, total: told.append((received, total)),
            before_use=lambda: named_too_early.append((tmp_path / FILE).exists()),
        )
    assert file.read_bytes() == DATA
    assert file == model_files.model_file(DEFAULT_MODEL, tmp_path)
    assert len(told) > 5
    assert told == sorted(told)
    assert told[-1] == (len(DATA), len(DATA))
    assert named_too_early == [False]
    assert list(tmp_path.glob("*.part")) == []
    assert server.paths == [f"/models/{FILE}"]


def test_what_was_cut_off_is_gone_on_with(tmp_path: Path) -> None:
    with model_server(DATA, cut_after=[100_000, 50_000]) as server:
        assert _failure(tmp_path, server.url).got_further
        assert _part(tmp_path).stat().st_size == 100_000
        assert _failure(tmp_path, server.url).got_further
        fetch(DEFAULT_MODEL, tmp_path, server.url)
    assert server.asked == [None, "bytes=100000-", "bytes=150000-"]
    assert (tmp_path / FILE).read_bytes() == DATA


def test_a_server_without_ranges_sends_it_all_again(tmp_path: Path) -> None:
    with model_server(DATA, cut_after=[100_000, 60_000], ranges=False) as server:
        assert _failure(tmp_path, server.url).got_further
        assert not _failure(tmp_path, server.url).got_further
        fetch(DEFAULT_MODEL, tmp_path, server.url)
    assert (tmp_path / FILE).read_bytes() == DATA


def test_a_complete_part_that_was_not_yet_named_needs_no_second_download(tmp_path: Path) -> None:
    with model_server(DATA, cut_after=[100_000]) as server:
        _failure(tmp_path, server.url)
        _part(tmp_path).write_bytes(DATA)
        fetch(DEFAULT_MODEL, tmp_path, server.url)
    assert (tmp_path / FILE).read_bytes() == DATA


@pytest.mark.parametrize("wrong", [DATA[:-1] + b"!", DATA[:1000], DATA + b"more", b"<html>Please sign in</html>"])
def test_a_file_that_is_not_the_published_one_gets_no_name_and_is_thrown_away(wrong: bytes, tmp_path: Path) -> None:
    with model_server(wrong) as server:
        fault = _failure(tmp_path, server.url)
    assert "not the published file" in str(fault)
    assert not fault.got_further
    assert list(tmp_path.glob("*.part")) == []


def test_a_part_of_another_file_is_begun_anew(tmp_path: Path) -> None:
    with model_server(b"x" * 300_000, cut_after=[100_000]) as server:
        _failure(tmp_path, server.url)
        server.data = DATA
        assert "not the published file" in str(_failure(tmp_path, server.url))
        fetch(DEFAULT_MODEL, tmp_path, server.url)
    assert server.asked == [None, "bytes=100000-", None]


def test_a_file_without_a_length_that_ends_early_is_not_taken_for_whole(tmp_path: Path) -> None:
    with model_server(DATA, says_length=False, cut_after=[100_000]) as server:
        _failure(tmp_path, server.url)
        fetch(DEFAULT_MODEL, tmp_path, server.url)
    assert (tmp_path / FILE).read_bytes() == DATA


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_a_refusal_names_its_number_and_loses_nothing(status: int, tmp_path: Path) -> None:
    with model_server(DATA, cut_after=[100_000]) as server:
        _failure(tmp_path, server.url)
        server.status = status
        fault = _failure(tmp_path, server.url)
    assert str(fault) == f"127.0.0.1 answered with error {status}."
    assert not fault.got_further
    assert _part(tmp_path).stat().st_size == 100_000


def test_a_server_that_is_not_there_and_an_address_that_is_none_are_said_in_words(tmp_path: Path) -> None:
    with model_server(DATA) as server:
        pass
    assert "127.0.0.1 could not be reached" in str(_failure(tmp_path, server.url))
    assert "cannot be read" in str(_failure(tmp_path, "http://127.0.0.1:none"))


def test_a_server_that_falls_silent_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "_SILENCE_SECONDS", 0.2)
    with model_server(DATA, seconds_a_piece=2) as server:
        assert str(_failure(tmp_path, server.url)) == "127.0.0.1 did not answer in time."


def test_the_environments_proxy_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with model_server(DATA) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/models"))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        fetch(DEFAULT_MODEL, tmp_path, "http://models.example/rembg")
    assert proxy.paths == [f"http://models.example/rembg/{FILE}"]


def test_the_environments_certificates_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = _certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with model_server(DATA, tls) as server:
        assert "CERTIFICATE_VERIFY_FAILED" in str(_failure(tmp_path, server.url))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        fetch(DEFAULT_MODEL, tmp_path, server.url)
    assert (tmp_path / FILE).read_bytes() == DATA


def _certificate(folder: Path) -> tuple[Path, Path]:
    """One for localhost that nobody has signed but itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def test_certificates_that_cannot_be_read_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    assert "certificate settings cannot be used" in str(_failure(tmp_path, "https://127.0.0.1:9"))


def test_a_killed_process_leaves_what_had_arrived_and_its_turn_to_the_next(tmp_path: Path) -> None:
    with model_server(DATA, seconds_a_piece=0.1) as server:
        code = (
            "import sys; from pathlib import Path; from services.studio.ondevice.model_files import *;"
            "home, url, md5 = Path(sys.argv[1]), *sys.argv[2:];"
            "MODELS[DEFAULT_MODEL] = Model(f'{DEFAULT_MODEL}.onnx', md5);"
            "lock = only_one_fetches(home); lock.__enter__(); fetch(DEFAULT_MODEL, home, url)"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path), server.url, MODELS[DEFAULT_MODEL].md5], cwd=ROOT
        )
        _wait(lambda: sum(part.stat().st_size for part in tmp_path.glob("*.part")) > 60_000)
        process.send_signal(signal.SIGKILL)
        process.wait()
        server.seconds_a_piece = 0.0
        arrived = _part(tmp_path).stat().st_size
        with only_one_fetches(tmp_path):
            fetch(DEFAULT_MODEL, tmp_path, server.url)
    assert server.asked == [None, f"bytes={arrived}-"]
    assert (tmp_path / FILE).read_bytes() == DATA


def test_the_addresses_and_checksums_are_rembgs_own() -> None:
    from rembg.sessions import sessions

    for name, model in SHIPPED.items():
        texts = {
            node.value
            for node in ast.walk(ast.parse(inspect.getsource(inspect.getmodule(sessions[name]))))  # type: ignore[arg-type]
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert f"https://github.com/danielgatis/rembg/releases/download/v0.0.0/{model.file}" in texts
        assert f"md5:{model.md5}" in texts


def _wait(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
