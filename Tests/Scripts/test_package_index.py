"""Downloads that are cut off, killed, refused or wrong, against a package index on this machine."""

import hashlib
import http.server
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True
SUPPORT = pathlib.Path(__file__).resolve().parents[2] / "Scripts" / "support"
sys.path.insert(0, str(SUPPORT))
import package_index  # noqa: E402
from package_index import FetchError, PackageIndex, Wheel, fetch  # noqa: E402

CONTENT = hashlib.shake_256(b"any bytes will do").digest(3_000_000)
WHEEL = Wheel("some-model", "some_model-1.0-py3-none-any.whl", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


class Index(http.server.ThreadingHTTPServer):
    """A PEP 503 index of one file that can be slow, cut connections, ignore ranges, or serve other bytes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.cut_after: int | None = None  # bytes of one answer, then the connection ends; once
        self.honours_ranges = True
        self.seconds_per_piece = 0.0
        self.ranges: list[str | None] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/simple/"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Index

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == f"/simple/{WHEEL.project}/":
            body = f'<a href="../../files/{WHEEL.filename}#sha256=0">{WHEEL.filename}</a>'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        elif self.path == f"/files/{WHEEL.filename}":
            self.send_file()
        else:
            self.send_error(404)

    def send_file(self) -> None:
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.server.honours_ranges else 0
        body = self.server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.cut_after is not None:
            body, self.server.cut_after = body[: self.server.cut_after], None
        for offset in range(0, len(body), 100_000):
            try:
                self.wfile.write(body[offset : offset + 100_000])
            except OSError:
                return
            time.sleep(self.server.seconds_per_piece)


class DownloadTests(unittest.TestCase):
    def setUp(self) -> None:
        self.index = Index()
        self.addCleanup(self.index.server_close)
        self.addCleanup(self.index.shutdown)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.saved = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PIP_")}
        os.environ["PIP_CONFIG_FILE"] = os.devnull
        os.environ["PIP_INDEX_URL"] = self.index.address
        self.addCleanup(self.restore)
        package_index.say = lambda text: None

    def restore(self) -> None:
        for name in ("PIP_CONFIG_FILE", "PIP_INDEX_URL", "PIP_FIND_LINKS"):
            os.environ.pop(name, None)
        os.environ.update(self.saved)

    def fetched(self) -> bytes:
        return fetch(PackageIndex(), WHEEL, self.folder).read_bytes()

    def test_a_file_arrives_whole_and_no_partial_file_stays(self) -> None:
        self.assertEqual(self.fetched(), CONTENT)
        self.assertEqual([path.name for path in self.folder.iterdir()], [WHEEL.filename])

    def test_a_connection_cut_half_way_goes_on_where_it_stopped(self) -> None:
        self.index.cut_after = 1_500_000
        self.assertEqual(self.fetched(), CONTENT)
        self.assertEqual(self.index.ranges[0], None)
        self.assertEqual(len(self.index.ranges), 2)
        self.assertTrue(self.index.ranges[1].startswith("bytes="))

    def test_a_killed_process_is_continued_by_the_next_one(self) -> None:
        self.index.seconds_per_piece = 0.05
        program = (
            "import sys, pathlib; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1])\n"
            "import package_index as p\n"
            "p.CHUNK_BYTES = 100_000\n"
            "p.fetch(p.PackageIndex(), p.Wheel(*sys.argv[3:5], int(sys.argv[5]), sys.argv[6]), pathlib.Path(sys.argv[2]))\n"
        )
        arguments = [str(SUPPORT), str(self.folder), WHEEL.project, WHEEL.filename, str(WHEEL.size), WHEEL.sha256]
        process = subprocess.Popen([sys.executable, "-c", program, *arguments], stderr=subprocess.DEVNULL)
        partial = self.folder / (WHEEL.filename + ".part")
        deadline = time.monotonic() + 20
        while not (partial.exists() and partial.stat().st_size > 400_000) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        kept = partial.stat().st_size
        self.assertTrue(0 < kept < len(CONTENT))
        self.assertFalse((self.folder / WHEEL.filename).exists())
        self.index.seconds_per_piece = 0
        self.assertEqual(self.fetched(), CONTENT)
        self.assertEqual(self.index.ranges[-1], f"bytes={kept}-")

    def test_a_server_without_ranges_is_read_from_the_start(self) -> None:
        (self.folder / (WHEEL.filename + ".part")).write_bytes(CONTENT[:1000])
        self.index.honours_ranges = False
        self.assertEqual(self.fetched(), CONTENT)

    def test_a_partial_file_with_wrong_bytes_is_found_out_and_fetched_anew(self) -> None:
        (self.folder / (WHEEL.filename + ".part")).write_bytes(b"x" * 1000)
        self.assertEqual(self.fetched(), CONTENT)

    def test_a_file_that_the_index_changed_is_refused(self) -> None:
        self.index.content = CONTENT[::-1]
        with self.assertRaisesRegex(FetchError, "SHA-256"):
            self.fetched()
        self.assertFalse((self.folder / WHEEL.filename).exists())

    def test_a_file_that_the_index_does_not_have_is_named(self) -> None:
        with self.assertRaisesRegex(FetchError, "other-1.0.whl was not found"):
            fetch(PackageIndex(), Wheel(WHEEL.project, "other-1.0.whl", 1, ""), self.folder)

    def test_a_find_links_folder_needs_no_index(self) -> None:
        with tempfile.TemporaryDirectory() as links:
            (pathlib.Path(links) / WHEEL.filename).write_bytes(CONTENT)
            os.environ["PIP_FIND_LINKS"] = links
            self.assertEqual(self.fetched(), CONTENT)
        self.assertEqual(self.index.ranges, [])

    def test_the_index_of_a_pip_configuration_file_is_used(self) -> None:
        del os.environ["PIP_INDEX_URL"]
        settings = self.folder / "pip.conf"
        settings.write_text(f"[global]\nindex-url = {self.index.address}\n")
        os.environ["PIP_CONFIG_FILE"] = str(settings)
        self.assertEqual(self.fetched(), CONTENT)


if __name__ == "__main__":
    unittest.main()
