"""A stand-in for `mlflow models serve` that starts in no time: `stand_in.py ANSWER_FILE BEHAVIOUR`.

It listens where the service tells uvicorn to, and answers every request with the file's content, or misbehaves as told.
"""

import http.server
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path

ANSWER_FILE, BEHAVIOUR = sys.argv[1:3]
SLEEPER = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = 0
    at_work, most, lock = 0, 0, threading.Lock()

    def do_GET(self) -> None:
        version = str(Handler.most).encode() if BEHAVIOUR == "counts" else b"3.17.2"
        self.answer(200, version if self.path == "/version" else b"\n")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        Handler.asked += 1
        if BEHAVIOUR == "trace":
            return self.answer(400, b'{"error_code": "BAD_REQUEST", "stack_trace": "Traceback"}')
        if BEHAVIOUR == "slow" and Handler.asked > 20:
            time.sleep(1.0)
        if BEHAVIOUR == "counts":
            self.count()
        if BEHAVIOUR == "drops" and Handler.asked > 20 and Handler.asked % 3 == 0:
            self.close_connection = True
            return None
        return self.answer(200, Path(ANSWER_FILE).read_bytes())

    def count(self) -> None:
        """Work for a while, and note how many do so at the same time."""
        with Handler.lock:
            Handler.at_work += 1
            Handler.most = max(Handler.most, Handler.at_work)
        time.sleep(0.1)
        with Handler.lock:
            Handler.at_work -= 1

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "socket"

    def log_message(self, *_: object) -> None:
        pass


if BEHAVIOUR == "dies at start":
    print("Traceback (most recent call last):\n  File x, line 1\nKeyError: 'boom'", flush=True)
    sys.exit(3)
if BEHAVIOUR == "never ready":
    time.sleep(60)
if BEHAVIOUR == "late":
    time.sleep(1)
if BEHAVIOUR == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen([sys.executable, "-c", SLEEPER])
if BEHAVIOUR == "chatty":
    print("x" * 1_000_000, flush=True)
with Server(os.environ["UVICORN_UDS"], Handler) as server:
    server.serve_forever()
