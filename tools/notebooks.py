"""Everything a maintainer does with notebooks. The executed .ipynb in normal form is their one source.

    python tools/notebooks.py from-py FILE.py NOTEBOOK.ipynb    build a notebook from py:percent text, without outputs;
                                                                if only prose changed, it keeps those it has
    python tools/notebooks.py to-py NOTEBOOK.ipynb              print it as that text, for review and for editing
    python tools/notebooks.py refresh PATH…                     execute top to bottom, bring into normal form, store
    python tools/notebooks.py programs PATH…                    put the JavaScript of now into stored live figures
    python tools/notebooks.py claims PATH…                      do the claims hold under other CPU instruction sets?
    python tools/notebooks.py time PATH…                        seconds per notebook, and its slowest cells
    python tools/notebooks.py alone PATH…                       run each alone in an empty folder, installing ganlib
    python tools/notebooks.py colab PATH…                       the same under Colab's versions, in .venv/colab

A PATH is a notebook or a folder of notebooks. The py:percent text looks like this:

    # description: One sentence for search engines.

    # %% [markdown] id=two-players
    # # Two players
    #
    # A generator $G$ and a discriminator $D$ …

    # %% setup

    # %% id=train tags=["nbval-ignore-output"]
    history = train(game, data, steps=1000)
"""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

sys.path.insert(0, str(Path(__file__).resolve().parent))
from set_repo import ROOT, SETUP_TAGS, address_in, look_up, setup_cell

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
CELL_METADATA = ("cellView", "mystnb", "tags", "why")     # all that a cell keeps in normal form
ID = re.compile(r"[a-z0-9-]{2,40}")
MACHINE_ID = re.compile(r"(?=.*\d)[0-9a-f]{8}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# How kernels run, here and in the tests: nothing is installed, no progress bars, one thread. Small networks gain
# nothing from a second one, and on a busy machine two that wait for each other are up to forty times slower.
ENVIRONMENT = {"PIP_NO_INDEX": "1", "GANLIB_QUIET": "1", "GANLIB_READER": "0",
               "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}


FAILURES = (CellExecutionError, CellTimeoutError, DeadKernelError)      # all that stops a run


class NotebookError(Exception):
    """Something in a notebook or its py:percent text that its author has to change."""


# --- Reading and writing ------------------------------------------------------------------------------------

def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def write(nb: NotebookNode, path: Path) -> None:
    """Write the notebook in one step: whoever reads the file finds the old one or the new one, never half."""
    text = nbformat.writes(nb).rstrip("\n") + "\n"
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def notebooks_in(paths: Iterable[str]) -> list[Path]:
    """The notebooks among files and folders, in the order given and by name within a folder."""
    found = []
    for path in map(Path, paths):
        if path.is_dir():
            found += sorted(p for p in path.rglob("*.ipynb") if not any(part.startswith(".") for part in p.parts))
        elif path.suffix == ".ipynb" and path.is_file():
            found.append(path)
        else:
            raise NotebookError(f"{path} is neither a notebook nor a folder")
    if not found:
        raise NotebookError("no notebooks there")
    return found


# --- Normal form ----------------------------------------------------------------------------------------------

def slug(source: str) -> str:
    """A readable cell id: the words of the heading or first line."""
    line = next((line for line in source.splitlines() if line.strip(" #")), "")
    words = re.findall(r"[a-z0-9]+", unicodedata.normalize("NFKD", line).encode("ascii", "ignore").decode().lower())
    name = "-".join(words[:6])[:40].strip("-")
    return name if ID.fullmatch(name) and not MACHINE_ID.fullmatch(name) else "cell"


def unique(name: str, taken: set[str]) -> str:
    numbered = (f"{name[:37].strip('-')}-{n}" for n in range(2, 1000))
    return name if name not in taken else next(n for n in numbered if n not in taken)


def image_alt(cell: NotebookNode) -> str | None:
    """The alt text that `ganlib.figures.show` stored as the text of a figure; None for a cell without an image."""
    for output in cell.get("outputs", []):
        if any(mime.startswith("image/") for mime in output.get("data", {})):
            return output.data.get("text/plain", "")
    return None


def _normal_output(output: NotebookNode, count: int | None) -> NotebookNode:
    if "metadata" in output:      # a size belongs to a picture; the rest is noise of the machine
        output.metadata = NotebookNode({
            mime: {k: v for k, v in value.items() if k in ("alt", "height", "width")}
            for mime, value in output.metadata.items() if mime.startswith("image/") and isinstance(value, dict)})
    if output.output_type == "execute_result":
        output.execution_count = count
    if output.output_type == "error":      # a traceback holds paths and process numbers
        output.traceback = [f"{output.ename}: {output.evalue}"]
    return output


def normal_form(nb: NotebookNode) -> NotebookNode:
    """A copy of the notebook that depends on nothing but its sources and what they computed.

    Execution counts run 1..n, there are no timestamps, metadata are reduced to what the book uses, cell ids are
    unique and readable, neighbouring pieces of a stream are one, and a cell with a figure carries its alt text
    for Jupyter Book. Sources and order of the cells stay.
    """
    nb = nbformat.from_dict(json.loads(json.dumps(nb)))
    kept = {k: v for k, v in nb.metadata.items() if k in ("accelerator", "myst")}
    nb.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"}, **kept)
    nb.nbformat, nb.nbformat_minor = 4, 5
    good = [c.id for c in nb.cells if ID.fullmatch(c.get("id", "")) and not MACHINE_ID.fullmatch(c.id)]
    reserved, taken, count = set(good), set(), 0
    for cell in nb.cells:
        own = cell.get("id", "")
        if own not in reserved or own in taken:
            cell.id = unique(slug(cell.source), taken | reserved)
        taken.add(cell.id)
        cell.metadata = NotebookNode({k: v for k, v in sorted(cell.metadata.items()) if k in CELL_METADATA and v})
        cell.pop("attachments", None) if not cell.get("attachments") else None
        if cell.cell_type != "code":
            continue
        if cell.execution_count is not None:
            count += 1
            cell.execution_count = count
        outputs: list[NotebookNode] = []
        for output in cell.outputs:
            last = outputs[-1] if outputs else None
            if output.output_type == "stream" and last is not None and last.get("name") == output.name:
                last.text += output.text
            else:
                outputs.append(_normal_output(output, cell.execution_count))
        cell.outputs = outputs
        mystnb = cell.metadata.pop("mystnb", NotebookNode())
        if alt := image_alt(cell):
            mystnb.image = NotebookNode(mystnb.get("image", {}), alt=alt)
        if mystnb:
            cell.metadata.mystnb = mystnb
    return nb


# --- py:percent -----------------------------------------------------------------------------------------------

def _header(text: str, where: str) -> dict:
    """The ``key=value`` pairs of a cell's header line; values are JSON, or a bare word."""
    pairs, rest = {}, text.strip()
    while rest:
        found = re.match(r"(\w+)=", rest)
        if not found:
            raise NotebookError(f"{where}: expected key=value, got {rest!r}")
        rest = rest[found.end():]
        try:
            value, end = json.JSONDecoder().raw_decode(rest)
        except ValueError:
            if rest[:1] in tuple('["{'):
                raise NotebookError(f"{where}: {found[1]} is not valid JSON: {rest!r}") from None
            value, end = None, 0
        if found[1] == "id" or not end:      # ids such as 2-modes are words, although they begin like a number
            value = re.match(r"\S*", rest)[0]
            end = len(value)
        pairs[found[1]], rest = value, rest[end:].lstrip()
    if unknown := set(pairs) - {"id", *CELL_METADATA}:
        raise NotebookError(f"{where}: unknown {', '.join(sorted(unknown))} (known: id, {', '.join(CELL_METADATA)})")
    return pairs


def _unprefix(lines: list[tuple[int, str]], name: str) -> str:
    for number, line in lines:
        if line.strip() and line.rstrip() != "#" and not line.startswith("# "):
            raise NotebookError(f"{name}:{number}: a Markdown line begins with '# ', got {line!r}")
    return "\n".join(line[2:] for _, line in lines)


def from_py(text: str, name: str = "text", address: str | None = None) -> NotebookNode:
    """A notebook without outputs from py:percent text; `NotebookError` names the line that is wrong."""
    nb = new_notebook(metadata={"kernelspec": dict(KERNEL), "language_info": {"name": "python"}})
    parts: list[tuple[str, str, list[tuple[int, str]]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"# ?%%(.*)", line):
            parts.append((found[1], f"{name}:{number}", []))
        elif parts:
            parts[-1][2].append((number, line))
        elif found := re.fullmatch(r"# (description|accelerator): (.+)", line.rstrip()):
            if found[1] == "description":
                nb.metadata.myst = {"html_meta": {"description": found[2]}}
            else:
                nb.metadata.accelerator = found[2]
        elif line.strip():
            raise NotebookError(f"{name}:{number}: before the first cell only '# description: …', got {line!r}")
    ids: set[str] = set()
    cells = []
    for head, where, lines in parts:
        empty = ("", "#") if head.strip().startswith("[markdown]") else ("",)
        while lines and lines[-1][1].strip() in empty:
            lines.pop()
        while lines and lines[0][1].strip() in empty:
            lines.pop(0)
        if head.strip() == "setup":
            if lines:
                raise NotebookError(f"{where}: the setup cell is written by this tool, leave it empty")
            cell = new_code_cell(setup_cell(address or look_up()), id="setup", metadata={"tags": list(SETUP_TAGS)})
        else:
            markdown = head.strip().startswith("[markdown]")
            pairs = _header(head.strip().removeprefix("[markdown]"), where)
            own = pairs.pop("id", None)
            if own is not None and (not ID.fullmatch(own) or own in ids or own == "setup"):
                raise NotebookError(f"{where}: id {own!r} must be new and of 2–40 letters a–z, digits and hyphens")
            source = _unprefix(lines, name) if markdown else "\n".join(line.rstrip() for _, line in lines)
            if not source.strip():
                raise NotebookError(f"{where}: an empty cell")
            cell = (new_markdown_cell if markdown else new_code_cell)(source, metadata=pairs)
            cell.id = own or ""
        ids.add(cell.id)
        cells.append(cell)
    if len([c for c in cells if c.id == "setup"]) > 1:
        raise NotebookError(f"{name}: more than one setup cell")
    nb.cells = cells
    return normal_form(nb)


def outputs_kept(nb: NotebookNode, before: NotebookNode) -> bool:
    """Take over the outputs of the notebook as it was, if the code is the same in all cells; was it?"""
    now, then = ([cell for cell in one.cells if cell.cell_type == "code"] for one in (nb, before))
    if [(cell.id, cell.source) for cell in now] != [(cell.id, cell.source) for cell in then]:
        return False
    for cell, old in zip(now, then, strict=True):
        cell.outputs, cell.execution_count = old.outputs, old.execution_count
        cell.metadata = {**old.metadata, **cell.metadata}  # the alternative text of figures
    return True


def to_py(nb: NotebookNode) -> str:
    """The notebook as py:percent text, without outputs and without what `refresh` writes by itself."""
    lines = []
    if description := nb.metadata.get("myst", {}).get("html_meta", {}).get("description"):
        lines.append(f"# description: {description}")
    if accelerator := nb.metadata.get("accelerator"):
        lines.append(f"# accelerator: {accelerator}")
    for cell in nb.cells:
        if cell.id == "setup" and address_in(cell.source):
            lines += ["", "# %% setup"]
            continue
        metadata = {k: v for k, v in cell.metadata.items() if k in CELL_METADATA}
        mystnb = {k: v for k, v in metadata.pop("mystnb", {}).items() if k != "image"}
        image = {k: v for k, v in cell.metadata.get("mystnb", {}).get("image", {}).items() if k != "alt"}
        mystnb |= {"image": image} if image else {}
        metadata |= {"mystnb": mystnb} if mystnb else {}
        pairs = [f"id={cell.id}", *(f"{k}={json.dumps(v, ensure_ascii=False)}" for k, v in sorted(metadata.items()))]
        lines += ["", " ".join(["# %%"] + ["[markdown]"] * (cell.cell_type == "markdown") + pairs)]
        source = cell.source.strip("\n").splitlines()
        text = source if cell.cell_type == "code" else [f"# {line}" if line.strip() else "#" for line in source]
        if any(re.match(r"# ?%%", line) for line in text):
            raise NotebookError(f"cell {cell.id}: a line that begins with '# %%' cannot be written as py:percent")
        lines += text
    return "\n".join(lines).lstrip("\n") + "\n"


# --- Running --------------------------------------------------------------------------------------------------

def execute(nb: NotebookNode, folder: Path, *, python: str = sys.executable, environment: dict | None = None,
            timeout: float = 600, allow_errors: bool = False,
            each: Callable[[NotebookNode, float], None] = lambda cell, seconds: None) -> float:
    """Run the notebook's cells in order in a kernel of ``python`` started in ``folder``; returns the seconds.

    ``environment`` is added to this process's. ``each(cell, seconds)`` is called after every code cell.
    Errors: one of `FAILURES`, with the id of its ``cell``; ``allow_errors``: the run goes on after a cell that raises.
    """
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    manager = AsyncKernelManager()
    manager._kernel_spec = KernelSpec(argv=[python, "-m", "ipykernel_launcher", "-f", "{connection_file}",
                                            "--IPKernelApp.log_level=40"], display_name="Python 3", language="python")
    started: dict[int, float] = {}
    client = NotebookClient(
        nb, km=manager, timeout=timeout, record_timing=False, allow_errors=allow_errors,
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=lambda cell, cell_index: started.update({cell_index: time.perf_counter()}),
        on_cell_executed=lambda cell, cell_index, execute_reply:
            each(cell, time.perf_counter() - started[cell_index]))
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:      # nobody's progress in the exercises changes an output
        own = {"GANLIB_PROGRESS": str(Path(scratch, "progress.json"))}
        try:
            client.execute(env={**os.environ, **ENVIRONMENT, **own, **(environment or {})})
        except FAILURES as error:
            error.cell = nb.cells[max(started)].id if started else "?"
            raise
    return time.perf_counter() - begin


def complaints(nb: NotebookNode) -> list[str]:
    """What `refresh` tells the author at once (the hygiene test knows more)."""
    found = []
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                found.append(f"cell {cell.id} writes to stderr: {output.text.strip()[:300]!r}")
        if (alt := image_alt(cell)) is not None and (not alt or alt.startswith("<")):
            found.append(f"cell {cell.id} has a figure without alt text: use ganlib.figures.show(fig, alt)")
    return found


def failure(error: Exception) -> str:
    """Which cell raised, ran too long or lost its kernel, and how, in plain text."""
    return f"cell {getattr(error, 'cell', '?')}:\n" + re.sub(r"\x1b\[[\d;]*m", "", str(error)).strip()


def refresh(path: Path) -> bool:
    """Execute and store one notebook; False if it raised (the file stays as it was) or breaks a rule."""
    nb = read(path)
    try:
        seconds = execute(nb, path.parent)
    except FAILURES as error:
        print(f"{path} NOT stored, {failure(error)}")
        return False
    nb = normal_form(nb)
    write(nb, path)
    found = complaints(nb)
    print(f"{path}  {seconds:.1f} s" + "".join(f"\n  {line}" for line in found), flush=True)
    return not found


def renew_programs(path: Path) -> bool:
    """After a change of JavaScript: the stored live figures as they would come out of a run, without running."""
    from ganlib.figures.live import renewed

    nb, changed = read(path), 0
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/html", "")
            if text.startswith('<figure class="live"') and (now := renewed(text)) != text:
                output.data["text/html"], changed = now, changed + 1
    if changed:
        write(nb, path)
        print(f"{path}: {changed} figures renewed")
    return True


def check_claims(path: Path) -> bool:
    """Run one notebook under two CPU instruction sets, report every claim that fails; the file stays as it is."""
    good = True
    for capability in ("default", "avx2"):
        nb = read(path)
        try:
            seconds = execute(nb, path.parent, environment={"ATEN_CPU_CAPABILITY": capability}, allow_errors=True)
        except FAILURES as error:
            print(f"{path}  {capability}: FAILED, {failure(error)}", flush=True)
            good = False
            continue
        outputs = [(cell, output) for cell in nb.cells for output in cell.get("outputs", [])]
        held = sum(line.startswith("✓ ") for _, o in outputs for line in o.get("text", "").splitlines())
        wrong = [f"cell {cell.id}: {o.evalue if o.ename == 'ClaimError' else o.ename + ': ' + o.evalue}"
                 for cell, o in outputs
                 if o.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", [])]
        print(f"{path}  {capability}: {held} claims hold, {len(wrong)} cells fail ({seconds:.0f} s)"
              + "".join(f"\n  {line}" for line in wrong), flush=True)
        good &= not wrong
    return good


def show_time(path: Path, slowest: int = 5) -> bool:
    """Print the seconds of one notebook and of its slowest cells; the file stays as it is."""
    times: list[tuple[float, str]] = []
    try:
        seconds = execute(read(path), path.parent, each=lambda cell, spent: times.append((spent, cell.id)))
    except FAILURES as error:
        print(f"{path} FAILED, {failure(error)}")
        return False
    print(f"{path}  {seconds:.1f} s, of which the kernel's start {seconds - sum(t for t, _ in times):.1f} s")
    for spent, name in sorted(times, reverse=True)[:slowest]:
        print(f"  {spent:6.1f} s  {name}", flush=True)
    return True


def package_copy(folder: Path) -> Path:
    """A copy of what `pip install` needs, so that installing it leaves nothing behind in the repository."""
    target = folder / "source"
    shutil.copytree(ROOT / "ganlib", target / "ganlib", ignore=shutil.ignore_patterns("__pycache__"))
    for file in ROOT.glob("*"):
        if file.suffix in (".toml", ".md") or file.name.startswith("LICENSE"):
            shutil.copy(file, target)
    return target


def fresh_python(folder: Path) -> str:
    """A Python that has everything this one has except ganlib."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = str(folder / "bin" / "python")
    purelib = subprocess.run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
                             capture_output=True, text=True, check=True).stdout.strip()
    # A path file adds the folder but does not follow the path files in it, so an editable ganlib stays unseen.
    paths = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    Path(purelib, "everything_else.pth").write_text("\n".join(paths) + "\n", encoding="utf-8")
    return python


def stranger(source: Path) -> dict[str, str]:
    """The environment of somebody who has no clone: ganlib comes from ``source`` through the setup cell."""
    return {"GANLIB_SOURCE": str(source), "PYTHONPATH": "", "PYTHONNOUSERSITE": "1",
            "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0",      # pip reads 0 as "no isolation"
            "PYDEVD_DISABLE_FILE_VALIDATION": "1"}                   # older ipykernels warn about this Python


def run_alone(path: Path, python: str, work: Path) -> bool:
    """Run one notebook, all by itself in an empty folder below ``work``; True if it ran to the end."""
    folder = Path(tempfile.mkdtemp(prefix=path.stem + "-", dir=work))
    shutil.copy(path, folder)
    try:
        seconds = execute(read(path), folder, python=python, environment=stranger(work / "source"))
    except FAILURES as error:
        print(f"{path} FAILED alone, {failure(error)}")
        return False
    print(f"{path}  ran alone in {seconds:.1f} s", flush=True)
    return True


def alone(paths: list[Path]) -> bool:
    """Every notebook in an empty folder and a Python without ganlib, offline."""
    with tempfile.TemporaryDirectory() as work:
        package_copy(Path(work))
        return all([run_alone(p, fresh_python(Path(work, f"venv{i}")), Path(work)) for i, p in enumerate(paths)])


def colab_python(folder: Path) -> str:
    """A virtual environment with the versions in colab-constraints.txt, made when it is not there yet."""
    python = str(folder / "bin" / "python")
    pins = [line for line in (ROOT / "colab-constraints.txt").read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]
    stamp = folder / "pins.txt"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == "\n".join(pins):
        return python
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    pinned = dict(line.split("==") for line in pins)

    def install(*what: str) -> None:
        subprocess.run([python, "-m", "pip", "install", "-q", *what], check=True)

    install(f"pip=={pinned.pop('pip')}")
    setuptools = pinned.pop("setuptools")       # torch may ask for a newer one while it is installed
    wanted = pinned.pop("torch")
    # Colab's own build of torch is not on every index; this Python's is, and the rest is what differs most.
    here = version("torch").split("+")[0]
    print(f"torch {here} stands in for Colab's {wanted}")
    install(f"torch=={here}", *(f"{name}=={pin}" for name, pin in pinned.items()))
    install("--no-deps", f"setuptools=={setuptools}")
    stamp.write_text("\n".join(pins), encoding="utf-8")
    return python


def colab(paths: list[Path]) -> bool:
    """Every notebook in an empty folder under Colab's versions, ganlib removed before each."""
    python = colab_python(ROOT / ".venv" / "colab")
    good = True
    with tempfile.TemporaryDirectory() as work:
        package_copy(Path(work))
        for path in paths:
            subprocess.run([python, "-m", "pip", "uninstall", "-q", "-y", "ganlib"], check=True, capture_output=True)
            good &= run_alone(path, python, Path(work))
    return good


def main(arguments: list[str]) -> int:
    command, *paths = arguments or ["help"]
    one_by_one = {"refresh": refresh, "programs": renew_programs, "claims": check_claims, "time": show_time}
    together = {"alone": alone, "colab": colab}
    try:
        if command == "from-py" and len(paths) == 2:
            source, target = map(Path, paths)
            nb = from_py(source.read_text(encoding="utf-8"), str(source))
            kept = target.exists() and outputs_kept(nb, read(target))
            write(nb, target)
            state = "the code is as it was, its outputs are kept" if kept else "not yet executed (refresh does that)"
            print(f"{target}: {len(nb.cells)} cells, {state}")
            return 0
        if command == "to-py" and len(paths) == 1:
            sys.stdout.write(to_py(read(Path(paths[0]))))
            return 0
        if command in one_by_one and paths:
            return 0 if all([one_by_one[command](path) for path in notebooks_in(paths)]) else 1
        if command in together and paths:
            return 0 if together[command](notebooks_in(paths)) else 1
    except (NotebookError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
