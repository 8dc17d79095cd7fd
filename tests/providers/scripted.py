"""A server that says exactly what a test tells it, byte by byte, and counts who came."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Talk = Callable[[socket.socket, bytes], None]
"""Given a connection and the request's head; what it leaves open is closed after."""


class Scripted:
    """Accepts connections on a port of this machine, each on a thread of its own."""

    def __init__(self, talk: Talk) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._talk = talk
        self._gone = threading.Event()
        self._threads: list[threading.Thread] = []
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):  # closed under it: the end
            while True:
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._one, args=[connection])
                self._threads.append(thread)
                thread.start()

    def close(self) -> None:
        self._gone.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def is_leaving(self, seconds: float) -> bool:
        """Wait a little; whether it is time to go."""
        return self._gone.wait(seconds)

    def _one(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                part = connection.recv(65_536)
                if not part or part[0] == 0x16:  # gone, or speaking TLS
                    return
                head += part
            head, _, body = head.partition(b"\r\n\r\n")
            announced = re.search(rb"(?i)^content-length: *(\d+)", head, re.MULTILINE)
            while announced and len(body) < int(announced[1]):
                body += connection.recv(65_536)
            self.heads.append(head + b"\r\n")
            self.bodies.append(body)
            self._talk(connection, head)


@contextmanager
def scripted(talk: Talk) -> Iterator[Scripted]:
    server = Scripted(talk)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


def saying(body: bytes, *, status: str = "200 OK", headers: str = "") -> Talk:
    """Always this one answer."""

    def talk(connection: socket.socket, _head: bytes) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
        connection.sendall(head.encode() + body)

    return talk


def dripping(parts: bytes, *, seconds: float) -> Talk:
    """The bytes one by one, each after a pause."""

    def talk(connection: socket.socket, _head: bytes) -> None:
        for byte in parts:
            connection.sendall(bytes([byte]))
            time.sleep(seconds)

    return talk
