"""For the tests of data sets: a machine without network, and a server of files."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@pytest.fixture
def no_network(monkeypatch):
    def refused(*_args, **_keywords):
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


class Mirror(ThreadingHTTPServer):
    """Answers by path; what is missing is a 404. The tests use two mirrors in it, /first/… and /second/…."""

    daemon_threads = True

    def __init__(self):
        self.answers: dict[str, bytes] = {}
        self.cut: set[str] = set()  # answers that break off before their announced end
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self):
        self.server.asked.append(self.path)
        body = self.server.answers.get(self.path)
        self.send_response(404 if body is None else 200)
        body = body or b""
        self.send_header("Content-Length", str(len(body) + 1000 * (self.path in self.server.cut)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@pytest.fixture
def server(monkeypatch):
    mirror = Mirror()
    thread = threading.Thread(target=mirror.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield mirror
    mirror.shutdown()
    mirror.server_close()
    thread.join()
