"""The built site on a local server. ``make book`` builds it."""

import functools
import http.server
import threading
from pathlib import Path

import pytest
from built import SITE

@pytest.fixture(scope="session")
def site() -> Path:
    if not (SITE / "index.html").is_file():
        pytest.fail("there is no built book in _build/html: run make book first", pytrace=False)
    return SITE


@pytest.fixture(scope="session")
def address(site):
    """The site on a local server, as an address without the last slash."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"   # connections stay open, styles and scripts are fetched once: half the time

        def end_headers(self):
            self.send_header("Cache-Control", "max-age=3600")
            super().end_headers()

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request, client_address):   # a browser that hangs up is no error
            pass

    server = Server(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
