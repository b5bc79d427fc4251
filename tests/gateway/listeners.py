"""Servers that misbehave below the level of any protocol."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def mute_listener() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])
