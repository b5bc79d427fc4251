"""Free loopback ports below the range that outgoing connections take theirs from."""

import random
import socket


def free_ports(n: int) -> list[int]:
    """n different ports on 127.0.0.1 that nobody listens on, between 20,000 and 32,000."""
    found: list[int] = []
    for port in random.SystemRandom().sample(range(20_000, 32_000), 200):
        with socket.socket() as probe:
            if len(found) < n and probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
    return found
