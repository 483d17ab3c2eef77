"""The setup cell of every notebook, and the one place that knows the repository's address in it.

    python tools/set_repo.py [ADDRESS]

gives all notebooks the setup cell below, with the address in it and in their Colab links. It is looked up in this
order: the argument, $GANBOOK_REPO, the git remote "origin" if that is on GitHub (Colab opens nothing else), and else
the placeholder OWNER/REPO. Stored outputs stay as they are, because the setup cell prints the same everywhere.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACEHOLDER = "https://github.com/OWNER/REPO"
SETUP_TAGS = ["hide-input"]
SETUP_CELL = '''\
# Setup: safe to run twice. In a clone of the book it uses that; else it fetches ganlib.
import importlib.util, os, pathlib, subprocess, sys  # noqa: E401, I001
address = "git+https://github.com/OWNER/REPO@main"
folders = (pathlib.Path.cwd(), *pathlib.Path.cwd().parents)
sys.path[:0] = [str(p) for p in folders if (p / "ganlib" / "__init__.py").is_file()][:1]
if importlib.util.find_spec("ganlib") is None:
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps"]  # and no torch
    subprocess.run([*pip, os.environ.get("GANLIB_SOURCE", address)], check=True)
    importlib.invalidate_caches()
import ganlib; ganlib.setup()  # noqa: E702'''

_GITHUB = re.compile(r"^(?:https://(?:[^@/]+@)?|git@|ssh://git@)github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?$")
_ADDRESS_LINE = re.compile(r'^address = "git\+(https://github\.com/[\w.-]+/[\w.-]+)@main"$', re.MULTILINE)


def normalise(address: str) -> str:
    """``https://github.com/owner/name`` from any of the forms git knows; `ValueError` for another host or form."""
    found = _GITHUB.match(address.strip())
    if not found:
        raise ValueError(f"not the address of a GitHub repository: {address!r} (expected {PLACEHOLDER})")
    return "https://github.com/" + found[1]


def look_up(argument: str | None = None) -> str:
    """The repository's address: argument, $GANBOOK_REPO, git remote on GitHub, placeholder."""
    if given := argument or os.environ.get("GANBOOK_REPO"):
        return normalise(given)
    remote = subprocess.run(["git", "remote", "get-url", "origin"], cwd=ROOT, capture_output=True, text=True).stdout
    return normalise(remote) if _GITHUB.match(remote.strip()) else PLACEHOLDER


def setup_cell(address: str) -> str:
    """The source of the setup cell with this address."""
    return SETUP_CELL.replace(PLACEHOLDER, normalise(address))


def address_in(source: str) -> str | None:
    """The address that a setup cell holds, None if ``source`` is not a setup cell."""
    found = _ADDRESS_LINE.search(source)
    return found[1] if found and setup_cell(found[1]) == source else None


def rewrite(nb, address: str) -> bool:
    """Give a notebook today's setup cell, with ``address``, also in its GitHub and Colab links; True if it changed."""
    before = [cell.source for cell in nb.cells]
    old = next((found[1] for cell in nb.cells if (found := _ADDRESS_LINE.search(cell.source))), PLACEHOLDER)
    old_slug, slug = (a.removeprefix("https://github.com/") for a in (old, normalise(address)))
    for cell in nb.cells:
        if cell.id == "setup" and cell.cell_type == "code":
            cell.source = setup_cell(address)
        elif cell.cell_type == "markdown":
            cell.source = re.sub(rf"(github\.com/|colab\.research\.google\.com/github/){re.escape(old_slug)}(?![\w.-])",
                                 rf"\g<1>{slug}", cell.source)
    return before != [cell.source for cell in nb.cells]


def main(arguments: list[str]) -> int:
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from notebooks import read, write

    if len(arguments) > 1 or any(a.startswith("-") for a in arguments):
        print(__doc__)
        return 2
    address = look_up(*arguments)
    for path in sorted((ROOT / "notebooks").rglob("[!.]*.ipynb")):
        if ".ipynb_checkpoints" not in path.parts:
            nb = read(path)
            if rewrite(nb, address):
                write(nb, path)
                print(f"{path.relative_to(ROOT)}: {address}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
