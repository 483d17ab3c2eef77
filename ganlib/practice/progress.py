"""What a learner has done, in one small JSON file that survives two devices, a crash and a read-only disk.

The file is, in this order: ``$GANLIB_PROGRESS``; ``MyDrive/ganlib/progress.json`` if Google Drive is mounted (it is
never mounted unasked); ``~/.ganlib/progress.json``.
"""

import base64
import json
import os
import secrets
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

DRIVE = Path("/content/drive/MyDrive")
NEW = {"attempts": 0, "hints": 0, "round": 0, "solution_seen": False, "clean": False, "streak": 0,
       "first_pass": "", "last_pass": "", "last": ""}
AGAIN_AFTER = (1, 3, 7, 21)  # days until an exercise is due again, by how often it was passed when due

Entry = dict[str, Any]


def location() -> Path:
    """The file in use now."""
    if named := os.environ.get("GANLIB_PROGRESS"):
        return Path(named)
    return (DRIVE / "ganlib" if DRIVE.is_dir() else Path.home() / ".ganlib") / "progress.json"


def where() -> str:
    """The same in words that are equal on every machine."""
    if os.environ.get("GANLIB_PROGRESS"):
        return "the file named by `$GANLIB_PROGRESS`"
    return "`MyDrive/ganlib/progress.json`" if DRIVE.is_dir() else "`~/.ganlib/progress.json`"


def merge(mine: Entry, theirs: Entry) -> Entry:
    """Two records of one exercise, such as from two devices, into one that loses neither's achievements."""
    merged = {}
    for name, new in NEW.items():
        a: Any
        b: Any
        a, b = (v if _sound(v, new) else new for v in (mine.get(name, new), theirs.get(name, new)))
        merged[name] = min(filter(None, (a, b)), default="") if name == "first_pass" else max(a, b)
    return merged


def _sound(value: Any, new: Any) -> bool:
    """Is this what an entry may hold? A file may have been edited by hand."""
    if type(value) is not type(new):
        return False
    if isinstance(value, str) and value:
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return False
    return not isinstance(value, int) or 0 <= value <= 10**6


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """No other process of this machine is between reading and writing the file (where there are locks)."""
    try:
        import fcntl

        path.parent.mkdir(parents=True, exist_ok=True)
        lock = open(path.with_name(f".{path.name}.lock"), "w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    except (ImportError, OSError):
        yield
        return
    with lock:
        yield


class Progress:
    """The learner's record. Every change is merged with the file and written in one step."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.reader_: int | None = None
        self.kept_in: Path | None = None
        self.unwritable = ""  # why the last write failed
        self.set_aside = ""  # which file could not be read, until the learner was told

    def _load(self) -> None:
        """Merge the file into what is known. A file that cannot be read is set aside, never overwritten."""
        path = location()
        if path != self.kept_in and self.kept_in is not None and os.environ.get("GANLIB_PROGRESS"):
            self.entries, self.reader_ = {}, None  # another learner's file, as in tests
        self.kept_in = path
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            entries = found["exercises"]
            if not isinstance(entries, dict) or not all(isinstance(e, dict) for e in entries.values()):
                raise ValueError("not a progress file")
            self._absorb(found)
        except FileNotFoundError:
            pass
        except (ValueError, KeyError, TypeError):
            aside = next(p for n in range(1, 10_000)
                         if not (p := path.with_suffix(f".broken-{n}.json")).exists())
            try:
                os.replace(path, aside)
                self.set_aside = f"The progress file could not be read; it is kept as `{aside.name}`, a new one begun. "
            except OSError as error:
                self.unwritable = _unwritable(error)
        except OSError as error:
            self.unwritable = _unwritable(error)

    def _absorb(self, found: dict[str, Any]) -> None:
        for key, entry in found["exercises"].items():
            self.entries[str(key)] = merge(self.entries.get(key, NEW), entry)
        if isinstance(found.get("reader"), int):
            self.reader_ = found["reader"]

    def _store(self) -> None:
        path = location()
        beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        text = json.dumps({"reader": self.reader, "exercises": self.entries}, indent=1, sort_keys=True)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(text, encoding="utf-8")
            os.replace(beside, path)
            self.unwritable = ""
        except OSError as error:
            self.unwritable = _unwritable(error)
            try:
                beside.unlink(missing_ok=True)
            except OSError:
                pass

    @property
    def reader(self) -> int:
        """This learner's number, from which the numbers in questions are drawn; ``$GANLIB_READER`` overrides it."""
        if (fixed := os.environ.get("GANLIB_READER", "")).isdigit():
            return int(fixed)
        if self.reader_ is None:
            self._load()
        if self.reader_ is None:
            self.reader_ = secrets.randbelow(10**6)
            self._store()  # at once: who reads the numbers today and answers tomorrow must find the same
        return self.reader_

    def entry(self, key: str) -> Entry:
        """What is known of one exercise (a copy)."""
        self._load()
        return dict(self.entries.get(key, NEW))

    def note(self) -> str:
        """What the learner should know about the file, mostly nothing; that one was set aside is said once."""
        text = (self.set_aside + self.unwritable).strip()
        self.set_aside = ""
        return text

    def _change(self, key: str, change: Callable[[Entry], Entry]) -> None:
        with _alone(location()):
            self._load()
            entry = self.entries.get(key, NEW)
            self.entries[key] = {**entry, **change(entry), "last": _now()}
            self._store()

    def update(self, key: str, **changes: Any) -> None:
        """Change fields of one entry and store."""
        self._change(key, lambda entry: changes)

    def attempt(self, key: str, passed: bool) -> None:
        """Count an attempt."""
        self._change(key, lambda entry: self._attempted(entry, passed))

    @staticmethod
    def _attempted(entry: Entry, passed: bool) -> Entry:
        changes: Entry = {"attempts": entry["attempts"] + 1}
        if passed:
            changes |= {"first_pass": entry["first_pass"] or _now(), "last_pass": _now()[:10],
                        "clean": entry["clean"] or not entry["solution_seen"]}
            if not entry["last_pass"] or is_due(entry):
                changes["streak"] = min(entry["streak"] + 1, len(AGAIN_AFTER))
        return changes

    def export(self) -> str:
        """Everything as one short text, to be carried to another machine."""
        self._load()
        text = json.dumps({"reader": self.reader, "exercises": self.entries}, separators=(",", ":"))
        return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()

    def import_(self, text: str) -> None:
        """Merge what `export` gave elsewhere. Errors: `ValueError` if the text is damaged; then nothing changes."""
        try:
            found = json.loads(zlib.decompress(base64.urlsafe_b64decode(str(text).strip().encode())))
            for entry in found["exercises"].values():
                merge(NEW, entry)
        except Exception as error:
            raise ValueError("import_: text must be what export() gave, whole and unchanged, "
                             f"got {str(text)[:40]!r}…") from error
        with _alone(location()):
            self._load()
            self._absorb(found)
            self._store()


def is_due(entry: Entry, today: date | None = None) -> bool:
    """Was it passed, and long enough ago to be asked again?"""
    try:
        last = date.fromisoformat(entry["last_pass"])
    except ValueError:
        return False
    days = AGAIN_AFTER[min(max(entry["streak"], 1), len(AGAIN_AFTER)) - 1]
    return (today or datetime.now(UTC).date()) >= last + timedelta(days=days)


def use_drive() -> None:
    """On Colab: mount Google Drive (it asks for permission) and keep the progress there."""
    try:
        from google.colab import drive
    except ImportError as error:
        raise RuntimeError(f"use_drive: this is not Colab; the progress is in {location()}") from error
    drive.mount(str(DRIVE.parent))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _unwritable(error: OSError) -> str:
    return f"Your progress is not being kept ({error.strerror or error}); everything else works."


PROGRESS = Progress()


def export() -> str:
    """Your progress as one short text, to carry it to another machine."""
    return PROGRESS.export()


def import_(text: str) -> None:
    """Add the progress that `export` gave on another machine. Errors: `ValueError` if the text is damaged."""
    PROGRESS.import_(text)
    print(PROGRESS.note() or "Merged.")
