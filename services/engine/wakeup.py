"""Waking what waits for work, across processes, so that nobody has to poll for it often.

`notify` is part of a transaction: whoever listens is woken when it commits, and by nothing else. On PostgreSQL it is
NOTIFY; on SQLite, whose processes share a machine, a datagram to a socket of each listener. A wake-up is a hint that
may get lost (a listener that is just connecting, a full socket): listeners poll as well, slowly.
"""

import hashlib
import logging
import os
import select
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from sqlmodel import Session

import db
from config import settings

log = logging.getLogger(__name__)

_CHANNEL = "vitrine_wakeup"
_PENDING = "wakeup"
_CHECK_SECONDS = 30
_RECONNECT_SECONDS = 1.0
_BIND_TRIES = 10


def notify(session: Session, name: str) -> None:
    """Wake whoever listens for `name` (a queue's, say) when this transaction commits; once, however often asked."""
    names: set[str] | None = session.info.get(_PENDING)
    if names is None:
        names = session.info[_PENDING] = set()
        if session.get_bind().dialect.name == "postgresql":
            sa.event.listen(session, "before_commit", _notify_in_transaction)
        else:
            sa.event.listen(session, "after_commit", _send)
        sa.event.listen(session, "after_rollback", _drop)
    names.add(name)


def _notify_in_transaction(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for name in _taken(session):
        session.execute(sa.text("SELECT pg_notify(:channel, :name)"), {"channel": _CHANNEL, "name": name})


def _send(session: Session) -> None:
    if session.in_nested_transaction():
        return
    names = _taken(session)
    folder = _folder()
    if not names or not folder.is_dir():
        return
    try:  # it is committed: a wake-up that cannot be sent is no failure of what was done
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            for path in folder.iterdir():
                _send_to(sender, path, names)
    except OSError as error:  # the last listener has just removed the folder, say
        log.debug("no wake-up was sent: %s", error)


def _send_to(sender: socket.socket, path: Path, names: set[str]) -> None:
    try:
        for name in names:
            sender.sendto(name.encode(), str(path))
    except ConnectionRefusedError:  # its process was killed
        with suppress(OSError):
            path.unlink()
    except OSError as error:  # full, or gone in this moment
        log.debug("a wake-up did not reach %s: %s", path, error)


def _drop(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info[_PENDING] = set()


def _taken(session: Session) -> set[str]:
    names: set[str] = session.info.get(_PENDING, set())
    session.info[_PENDING] = set()
    return names


def _folder() -> Path:
    """Where the listeners of this SQLite database have their sockets: in the system's own folder for such, since the
    path of a socket may not be long."""
    database = str(Path(sa.make_url(settings().database_url).database or "").absolute())
    digest = hashlib.sha256(database.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"vitrine-{os.getuid()}-{digest}"


class Listener:
    """Calls back when something it listens for is notified; everything at once when it may have missed something.

    Callbacks run in the listener's thread and must return at once.
    """

    def __init__(self) -> None:
        self._callbacks: dict[str, list[Callable[[], None]]] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._close: Callable[[], None] | None = None

    def on(self, name: str, callback: Callable[[], None]) -> None:
        """Call back when `name` is notified, besides whoever else is. Before `start`."""
        self._callbacks.setdefault(name, []).append(callback)

    def start(self) -> None:
        """Listen from now on: what commits after this returns is noticed, unless the database is away."""
        if settings().is_sqlite:
            self._start_socket()
        else:
            self._start_postgresql()

    def stop(self) -> None:
        """Call back no more."""
        self._stopping.set()
        if self._close is not None:
            with suppress(OSError, psycopg.Error):
                self._close()

    def _wake(self, name: str) -> None:
        for callback in self._callbacks.get(name, ()):
            if not self._stopping.is_set():
                callback()

    def _wake_all(self) -> None:
        for name in self._callbacks:
            self._wake(name)

    def _run(self, target: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=target, name="wakeup", daemon=True)
        self._thread.start()

    def _start_socket(self) -> None:
        folder = _folder()
        path = folder / uuid4().hex[:12]
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            _bind(receiver, path)
        except OSError as error:
            receiver.close()
            log.warning("new work is only noticed by polling: %s", error)
            return

        def close() -> None:
            path.unlink(missing_ok=True)
            with suppress(OSError):
                folder.rmdir()  # unless others listen
            receiver.shutdown(socket.SHUT_RDWR)

        self._close = close
        self._run(lambda: self._receive(receiver))

    def _receive(self, receiver: socket.socket) -> None:
        with receiver:
            while not self._stopping.is_set():
                try:
                    name = receiver.recv(256).decode(errors="replace")
                except OSError as error:
                    if not self._stopping.is_set():
                        log.warning("new work is only noticed by polling from now on: %s", error)
                    return
                self._wake(name)

    def _start_postgresql(self) -> None:
        connection: psycopg.Connection | None = None
        try:
            connection = _listening_connection()
        except psycopg.Error as error:
            log.warning("cannot listen for new work yet: %s", error)
        self._run(lambda: self._listen(connection))

    def _listen(self, connection: psycopg.Connection | None) -> None:
        while not self._stopping.is_set():
            try:
                if connection is None:
                    connection = _listening_connection()
                    self._wake_all()
                with connection:
                    self._wait_on(connection)
            except (psycopg.Error, OSError) as error:
                log.warning("cannot listen for new work, trying again: %s", error)
                time.sleep(_RECONNECT_SECONDS)
            connection = None

    def _wait_on(self, connection: psycopg.Connection) -> None:
        readable = select.poll()  # psycopg's own wait wakes up ten times a second
        readable.register(connection.fileno(), select.POLLIN)
        while not self._stopping.is_set():
            if not readable.poll(_CHECK_SECONDS * 1000):
                connection.execute("SELECT 1")  # notices a connection that is gone without having said so
            for notification in connection.notifies(timeout=0):
                self._wake(notification.payload)


def _bind(receiver: socket.socket, path: Path) -> None:
    folder = path.parent
    for left in reversed(range(_BIND_TRIES)):
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            if folder.stat().st_uid != os.getuid():
                raise PermissionError(f"{folder} belongs to somebody else")
            receiver.bind(str(path))
            return
        except (FileNotFoundError, FileExistsError):  # whoever listened last has just removed the folder
            if not left:
                raise


def _listening_connection() -> psycopg.Connection:
    url = db.engine().url.set(drivername="postgresql")
    connection = psycopg.connect(url.render_as_string(hide_password=False), autocommit=True, connect_timeout=10)
    connection.execute(f"LISTEN {_CHANNEL}")
    return connection
