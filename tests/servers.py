"""A folder on a local server, for the tests in a browser."""

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"   # connections stay open, styles and scripts are fetched once: half the time

    def log_message(self, *_):
        pass


class Kept(Quiet):
    def end_headers(self):
        self.send_header("Cache-Control", "max-age=3600")
        super().end_headers()


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):   # a browser that hangs up is no error
        pass


@contextmanager
def served(folder: Path, handler: type[Quiet] = Quiet) -> Iterator[str]:
    """The folder's address, without the last slash. handler: `Kept` where no file changes during the tests."""
    server = Server(("127.0.0.1", 0), functools.partial(handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
