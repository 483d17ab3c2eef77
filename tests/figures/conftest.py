"""A folder of pages, on a local server and on disk."""

import functools
import http.server
import shutil
import threading

import pytest
from frames import COMPANION


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Where pages are put; the book's own script and style are there."""
    folder = tmp_path_factory.mktemp("pages")
    for name in ("companion.js", "companion.css"):
        shutil.copy(COMPANION / name, folder)
    return folder


@pytest.fixture(scope="session")
def address(folder):
    """The folder on a local server, as an address without the last slash."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request, client_address):   # a browser that hangs up is no error
            pass

    server = Server(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
