"""Files of published data sets: found on the machine or downloaded, and never trusted before their checksum.

A download goes to a hidden temporary file beside its goal, not to memory, because archives may be large. It gets its
name only after it was checked, whole or not at all; whatever goes wrong, the temporary file is removed. Archives
are read member by member and never unpacked to the disk.
"""

import hashlib
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TypeVar
from uuid import uuid4

T = TypeVar("T")
Folder = str | os.PathLike[str] | None


def find(name: str, files: Sequence[str], urls: Sequence[str], read: Callable[[Path], T], *, root: Folder,
         advice: str, folders: Sequence[Path] = (), keep: Callable[[T], bytes] | None = None) -> T:
    """What ``read`` makes of a published file, from the first place that has it.

    name:    the data set, which begins every message and is a subfolder of each place.
    files:   the names the file may have; the first is the one in the cache.
    urls:    the mirrors, in the order in which they are tried.
    read:    gives the content of the file at a path, or raises `ValueError` if that is not the published one.
    root:    the one folder to look in; None: ``$GANLIB_DATA``, ``folders``, the cache, the mirrors.
    advice:  the last line of the error when every mirror failed: what the reader can do.
    keep:    what the cache shall hold of the content; None: the file as it came.

    Errors: `ValueError` for a wrong file in a folder; `FileNotFoundError` if ``root`` has none; `OSError` that says
    of every mirror why it failed.
    """
    if root is not None:
        folders = [Path(root)]
    elif named := os.environ.get("GANLIB_DATA"):
        folders = [Path(named), *folders]
    for path in (path for folder in folders for path in _candidates(folder, name, files)):
        try:
            return read(path)
        except ValueError as error:
            raise ValueError(f"{name}: {path} is not the published file: {error}") from None
    if root is not None:  # Whoever names a folder means it; a download instead would hide the mistake.
        wanted = f"{' or '.join(files)}, directly or in {name}/"
        raise FileNotFoundError(f"{name}: root must hold {wanted}, got {root}" + ("" if urls else f"\n{advice}"))
    cached = cache() / name / files[0]  # a folder for each set, because some sets share their file names
    if cached.is_file():
        try:
            return read(cached)
        except ValueError:  # damaged: to be fetched again
            pass
    return _download(name, cached, urls, read, advice, keep)


def _candidates(folder: Path, name: str, files: Sequence[str]) -> Iterator[Path]:
    return (path for place in (folder / name, folder) for path in (place / file for file in files) if path.is_file())


def cache() -> Path:
    """The folder for what was downloaded: ``$GANLIB_CACHE``, or the platform's cache folder."""
    if folder := os.environ.get("GANLIB_CACHE"):
        return Path(folder)
    import pooch  # here, because what is part of the package does not need it

    return Path(pooch.os_cache("ganlib"))


def _download(name: str, path: Path, urls: Sequence[str], read: Callable[[Path], T], advice: str,
              keep: Callable[[T], bytes] | None) -> T:
    import pooch

    get = pooch.HTTPDownloader(progressbar=not os.environ.get("GANLIB_QUIET"), chunk_size=2**16)
    failures = []
    if urls:
        path.parent.mkdir(parents=True, exist_ok=True)
    # Not by tempfile: its files could not be read by the other users of a shared cache.
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        for url in urls:
            try:
                get(url, str(part), None)
                content = read(part)
            except (OSError, ValueError) as error:  # what requests raises is an OSError
                failures.append(f"  {url}: {error}")
                continue
            if keep is not None:
                part.write_bytes(keep(content))
            os.replace(part, path)
            return content
    finally:
        part.unlink(missing_ok=True)
    tried = ":\n" + "\n".join(failures) if urls else ": there is none"
    raise OSError(f"{name}: no mirror gave {path.name}{tried}\n{advice}")


def sha256(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def check(path: Path, size: int, expected: str) -> None:
    """`ValueError` unless the file has ``size`` bytes and the SHA-256 ``expected``."""
    came = path.stat().st_size
    with path.open("rb") as file:
        got = hashlib.file_digest(file, "sha256").hexdigest()
    if (came, got) != (size, expected):
        kind = web_page(path) or (" (it is not whole)" if came < size else "")
        raise ValueError(f"got SHA-256 {got} of {came:,} bytes, expected {expected} of {size:,} bytes{kind}")


def web_page(path: Path) -> str:
    """What a message says of a file that begins like HTML, and nothing of others."""
    with path.open("rb") as file:
        return " (a web page came instead of data)" if file.read(512).lstrip().startswith(b"<") else ""


def members(path: Path, wanted: Callable[[PurePosixPath], bool]) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Name and content of the wanted files in a zip or tar archive, in its order. Nothing is written to the disk.

    Errors: `ValueError` for what is no archive or a broken one, and for one with a link in it or a name that leads
    out of it, such as "../x" and "/x", wanted or not.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                for entry in packed.infolist():
                    if not entry.is_dir() and wanted(inside := _inside(entry.filename)):
                        yield inside, packed.read(entry)
        elif not tarfile.is_tarfile(path):
            raise ValueError(f"no archive, {path.stat().st_size:,} bytes{web_page(path)}")
        else:
            with tarfile.open(path) as tape:
                for member in tape:
                    inside = _inside(member.name, link=member.issym() or member.islnk())
                    if wanted(inside) and (file := tape.extractfile(member)) is not None:  # None: a folder
                        yield inside, file.read()
    except (OSError, EOFError, zlib.error, tarfile.TarError, zipfile.BadZipFile) as error:
        raise ValueError(f"broken archive of {path.stat().st_size:,} bytes ({error})") from None


def _inside(name: str, link: bool = False) -> PurePosixPath:
    path = PurePosixPath(name.replace("\\", "/"))
    if link or path.is_absolute() or ".." in path.parts or ":" in name:
        raise ValueError(f"the archive holds {'the link' if link else 'a name that leads out of it,'} {name!r}")
    return path
