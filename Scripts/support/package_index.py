"""Gets pinned files from a Python package index, resumably, without needing pip.

The index, its mirrors, certificates, proxy and `find-links` are read from where pip reads them (environment, then
user, then machine-wide settings), so that a machine set up for pip needs nothing else. Every file is checked
against a size and SHA-256 known beforehand: whatever a mirror sends, only the right bytes are kept.
Simple repository protocol: PEP 503 (HTML) and PEP 691 (JSON).
"""

import base64
import configparser
import hashlib
import html.parser
import http.client
import json
import os
import pathlib
import shutil
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

DEFAULT_INDEX = "https://pypi.org/simple"
CHUNK_BYTES = 1 << 20
ATTEMPTS = 6
TIMEOUT_SECONDS = 60
REPORT_EVERY_SECONDS = 2.0


class FetchError(Exception):
    """Something a person must act on; the message says what and how."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def sha256_of(path: pathlib.Path) -> str:
    with open(path, "rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
        return digest.hexdigest()


@dataclass(frozen=True)
class Wheel:
    """One file of an index, pinned."""

    project: str
    filename: str
    size: int
    sha256: str


def pip_setting(name: str) -> str | None:
    """The value pip would use for `name` ("index-url", ...), or None."""
    from_environment = os.environ.get("PIP_" + name.upper().replace("-", "_"))
    if from_environment:
        return from_environment
    home = pathlib.Path.home()
    configured = os.environ.get("PIP_CONFIG_FILE")
    if configured == os.devnull:
        return None
    candidates = [pathlib.Path(configured)] if configured else []
    if os.environ.get("VIRTUAL_ENV"):
        candidates.append(pathlib.Path(os.environ["VIRTUAL_ENV"]) / "pip.conf")
    user_folder = pathlib.Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    candidates += [
        user_folder / "pip" / "pip.conf",
        home / "Library" / "Application Support" / "pip" / "pip.conf",
        home / ".pip" / "pip.conf",
        pathlib.Path("/etc/xdg/pip/pip.conf"),
        pathlib.Path("/etc/pip.conf"),
    ]
    for path in candidates:
        parser = configparser.RawConfigParser()
        try:
            parser.read(path)
        except (configparser.Error, OSError, UnicodeError) as error:
            raise FetchError(f"pip's settings in {path} cannot be read: {error}") from error
        for section in ("download", "install", "global"):
            if parser.has_option(section, name) and parser.get(section, name).strip():
                return parser.get(section, name).strip()
    return None


class LinkReader(html.parser.HTMLParser):
    """Collects (file name, address) of every link on a PEP 503 page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        address = dict(attributes).get("href") if tag == "a" else None
        if address:
            path = urllib.parse.urlsplit(address).path
            self.links.append((urllib.parse.unquote(path.rsplit("/", 1)[-1]), address))


class PackageIndex:
    """The configured index (and extra ones), opened as pip would open it."""

    def __init__(self) -> None:
        main = pip_setting("index-url") or DEFAULT_INDEX
        self.addresses = [main.rstrip("/")]
        self.addresses += [extra.rstrip("/") for extra in (pip_setting("extra-index-url") or "").split()]
        handlers: list[urllib.request.BaseHandler] = []
        context = ssl.create_default_context(cafile=pip_setting("cert"))
        trusted = (pip_setting("trusted-host") or "").split()
        if trusted:
            hosts = {host.rsplit(":", 1)[0] for host in trusted}
            if all(urllib.parse.urlsplit(address).hostname in hosts for address in self.addresses):
                # The person told pip not to verify these hosts; our own checksums hold all the same.
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
        handlers.append(urllib.request.HTTPSHandler(context=context))
        proxy = pip_setting("proxy")
        if proxy:
            handlers.append(urllib.request.ProxyHandler({"http": proxy, "https": proxy}))
        self.opener = urllib.request.build_opener(*handlers)

    def open(self, address: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        parts = urllib.parse.urlsplit(address)
        if parts.username:
            login = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
            headers = headers | {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}
            address = urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rsplit("@", 1)[-1]))
        request = urllib.request.Request(address, headers={"User-Agent": "interest-query-kit"} | headers)
        return self.opener.open(request, timeout=TIMEOUT_SECONDS)

    def address_of(self, wheel: Wheel) -> str:
        """Where the index says that the file is."""
        accepted = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
        tried = []
        for index in self.addresses:
            page = f"{index}/{wheel.project}/"
            try:
                with self.open(page, {"Accept": accepted}) as answer:
                    body, kind, base = answer.read(), answer.headers.get_content_type(), answer.geturl()
            except urllib.error.HTTPError as error:
                tried.append(f"{page} answered {error.code}")
                if error.code in (404, 410):
                    continue
                raise
            if kind.endswith("json"):
                links = [(file["filename"], file["url"]) for file in json.loads(body)["files"]]
            else:
                reader = LinkReader()
                reader.feed(body.decode("utf-8", "replace"))
                links = reader.links
            for filename, address in links:
                if filename == wheel.filename:
                    full = urllib.parse.urlsplit(urllib.parse.urljoin(base, address))
                    login = urllib.parse.urlsplit(index)
                    if login.username and full.hostname == login.hostname and not full.username:
                        full = full._replace(netloc=login.netloc.rsplit("@", 1)[0] + "@" + full.netloc)
                    return urllib.parse.urlunsplit(full._replace(fragment=""))
            tried.append(f"{page} does not list it")
        raise FetchError(f"{wheel.filename} was not found: " + "; ".join(tried))


def local_copy(wheel: Wheel) -> pathlib.Path | None:
    """The file in a `find-links` folder, if one has it unharmed."""
    for place in (pip_setting("find-links") or "").split():
        path = pathlib.Path(place.removeprefix("file://")) / wheel.filename
        if path.is_file() and path.stat().st_size == wheel.size and sha256_of(path) == wheel.sha256:
            return path
    return None


def receive(index: PackageIndex, wheel: Wheel, partial: pathlib.Path) -> None:
    """Appends to `partial` what is still missing of the file."""
    have = partial.stat().st_size if partial.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    with index.open(index.address_of(wheel), headers) as answer:
        resumed = have > 0 and answer.status == 206
        if have:
            share = f"{have / 1e6:.1f} of {wheel.size / 1e6:.1f} MB"
            say(f"  {'resuming after' if resumed else 'the server cannot resume: starting over, dropping'} {share}")
        have = have if resumed else 0
        reported = time.monotonic()
        with open(partial, "ab" if resumed else "wb") as file:
            while chunk := answer.read(CHUNK_BYTES):
                have += len(chunk)
                if have > wheel.size:
                    raise FetchError(f"{wheel.filename}: the server sends more than the {wheel.size} bytes expected")
                file.write(chunk)
                if time.monotonic() - reported > REPORT_EVERY_SECONDS:
                    reported = time.monotonic()
                    say(f"  {wheel.filename}: {have / 1e6:.1f} of {wheel.size / 1e6:.1f} MB")


def fetch(index: PackageIndex, wheel: Wheel, folder: pathlib.Path) -> pathlib.Path:
    """The path of the checked file in `folder`; a download that was cut off goes on where it stopped."""
    whole, partial = folder / wheel.filename, folder / (wheel.filename + ".part")
    if whole.exists() and whole.stat().st_size == wheel.size and sha256_of(whole) == wheel.sha256:
        return whole
    if found := local_copy(wheel):
        shutil.copyfile(found, partial)
    if partial.exists() and partial.stat().st_size > wheel.size:
        partial.unlink()
    say(f"  {wheel.filename} ({wheel.size / 1e6:.1f} MB)")
    attempt, mismatches = 1, 0
    while True:
        if partial.exists() and partial.stat().st_size == wheel.size:
            found_digest = sha256_of(partial)
            if found_digest == wheel.sha256:
                os.replace(partial, whole)
                return whole
            partial.unlink()
            mismatches += 1
            if mismatches > 1:
                raise FetchError(
                    f"{wheel.filename} has SHA-256 {found_digest}, expected {wheel.sha256}: the index serves another file"
                )
            say("  checksum differs: fetching once more from the start")
        try:
            before = partial.stat().st_size if partial.exists() else 0
            receive(index, wheel, partial)
            problem = "the connection ended early"
        except urllib.error.HTTPError as error:
            if error.code == 416:
                partial.unlink(missing_ok=True)
            elif error.code < 500 and error.code not in (408, 425, 429):
                raise FetchError(f"{wheel.filename}: {error.url} answered {error.code} {error.reason}") from error
            problem = f"the server answered {error.code}"
        except (OSError, http.client.HTTPException) as error:
            problem = str(error) or type(error).__name__
        after = partial.stat().st_size if partial.exists() else 0
        if after == wheel.size:
            continue
        attempt = 1 if after > before else attempt + 1
        if attempt > ATTEMPTS:
            raise FetchError(
                f"{wheel.filename}: {problem}; gave up after {ATTEMPTS} attempts. What arrived is kept: run again to go on"
            )
        pause = min(2**attempt, 30)
        say(f"  {problem}; going on in {pause} s")
        time.sleep(pause)
