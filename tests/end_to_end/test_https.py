"""A copy over https, from a server of our own: refused until its certificate is trusted, then whole."""

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from command_line import otterdsl, write

# Self-signed, for 127.0.0.1: trusted only where SSL_CERT_FILE names it.
CERTIFICATE = Path(__file__).parents[1] / "runtime" / "storage" / "untrusted.pem"


class Page(BaseHTTPRequestHandler):
    """Serves one text under any name."""

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(b"by way of TLS")

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "13")
        self.end_headers()

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Stay quiet."""


def test_a_copy_over_https_from_a_server_that_is_trusted(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as running:
        running.socket = context.wrap_socket(running.socket, server_side=True)
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        source = f"https://127.0.0.1:{running.server_address[1]}/page"
        write(tmp_path, {"p.otter": f'step s {{ copy page {{ source = "{source}" destination = "page.txt" }} }}\n'})
        refused = otterdsl("run", "p.otter", "--work-path", "out", folder=tmp_path)
        copied = otterdsl("run", "p.otter", "--work-path", "out", folder=tmp_path, SSL_CERT_FILE=str(CERTIFICATE))
        running.shutdown()
        thread.join()
    assert refused.code == 1
    assert "certificate" in refused.said
    assert copied.code == 0, copied.said
    assert (tmp_path / "out" / "page.txt").read_bytes() == b"by way of TLS"
