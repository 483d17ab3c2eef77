"""What a notebook of the book must be, beyond what nbval can see. A rule takes a notebook and its path and yields
what is wrong, in words for the notebook's author; `RULES` holds them all, `broken` applies them.

The rules about statements and their claims are in `statements.py`.
"""

import ast
import base64
import io
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt
from nbformat import NotebookNode
from PIL import Image
from set_repo import SETUP_TAGS, address_in

from notebooks import ID, ROOT, image_alt, normal_form

IGNORED = "nbval-ignore-output"
TAGS = {IGNORED, "nbval-skip", "raises-exception", "hide-input", "hide-output", "hide-cell", "remove-input",
        "remove-output", "remove-cell"}
MIME = {"text/plain", "text/html", "text/latex", "text/markdown", "image/png"}
MODULES = {"torch", "numpy", "scipy", "sympy", "matplotlib", "tqdm", "pooch", "safetensors", "ganlib", "IPython"}
MEGABYTE = 1_000_000
WORDS = range(1200, 3501)       # the aim is 1,500–3,000

Rule = Callable[[NotebookNode, Path], Iterator[str]]
RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    RULES[function.__name__] = function
    return function


def broken(nb: NotebookNode, path: Path) -> list[str]:
    """Everything that is wrong with a notebook, as "rule: what"."""
    return [f"{name}: {what}" for name, check in RULES.items() for what in check(nb, path)]


def code(nb: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def markdown(nb: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in nb.cells if cell.cell_type == "markdown"]


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def outputs(nb: NotebookNode) -> Iterator[tuple[NotebookNode, NotebookNode]]:
    for cell in code(nb):
        for output in cell.outputs:
            yield cell, output


def calls_to_claim(cell: NotebookNode) -> list[ast.Call]:
    """The calls ``claim(…)`` and ``ganlib.claim(…)`` in a code cell."""
    return [node for node in ast.walk(ast.parse(python(cell))) if isinstance(node, ast.Call)
            and (getattr(node.func, "id", None) == "claim" or getattr(node.func, "attr", None) == "claim")]


def python(cell: NotebookNode) -> str:
    """The cell without IPython's own syntax, which Python cannot parse."""
    return re.sub(r"^(\s*)[%!].*$", r"\1pass", cell.source, flags=re.MULTILINE)


# --- The notebook as a file -----------------------------------------------------------------------------------

@rule
def form(nb, path):
    """The file is what `tools/notebooks.py refresh` writes."""
    text = path.read_text(encoding="utf-8") if path.exists() else None
    normal = normal_form(nb)
    if normal != nb:
        different = [c.id for c, n in zip(nb.cells, normal.cells, strict=True) if c != n]
        yield f"not in normal form (cells {', '.join(different) or 'none, but the metadata'})"
    elif text is not None and text != nbformat.writes(nb).rstrip("\n") + "\n":
        yield "the file is not written as `refresh` writes it"
    for what in (nbformat.validator.iter_validate(nb) or ()):
        yield f"not a valid notebook: {what}"
    for cell in nb.cells:
        if not ID.fullmatch(cell.id):
            yield f"cell id {cell.id!r} is not of a–z, 0–9 and hyphens"


@rule
def size(nb, path):
    bytes_ = len(nbformat.writes(nb).encode())
    if bytes_ > 1.5 * MEGABYTE:
        yield f"{bytes_ / MEGABYTE:.2f} MB, at most 1.5"


@rule
def description(nb, path):
    text = nb.metadata.get("myst", {}).get("html_meta", {}).get("description", "")
    if not 30 <= len(text) <= 200:
        yield f"needs a description of 30–200 characters for search engines, has {len(text)}"


# --- Code cells -----------------------------------------------------------------------------------------------

@rule
def executed(nb, path):
    """Catches stripped notebooks, which nbval accepts: it compares only what is stored."""
    counts = [cell.execution_count for cell in code(nb)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts must run 1..{len(counts)}, got {counts}"
    for cell in nb.cells:
        if not cell.source.strip():
            yield f"cell {cell.id} is empty"
    for cell in code(nb):
        printed = any(output.get("name") == "stdout" for output in cell.outputs)
        if not printed and any(isinstance(s.value, ast.Call) and getattr(s.value.func, "id", "") in ("print", "claim")
                               for s in ast.parse(python(cell)).body if isinstance(s, ast.Expr)):
            yield f"cell {cell.id} prints something but has no stored output"


@rule
def errors(nb, path):
    for cell, output in outputs(nb):
        if output.output_type == "error" and "raises-exception" not in tags(cell):
            yield f"cell {cell.id} holds a {output.ename} and is not tagged raises-exception"
        if output.get("name") == "stderr":
            yield f"cell {cell.id} writes to stderr: {output.text[:80]!r}"


@rule
def semicolon(nb, path):
    for cell in code(nb):
        if cell.source.rstrip().endswith(";"):
            yield f"cell {cell.id} ends with ';', which nbval does not honour: assign to _ instead"


@rule
def known_tags(nb, path):
    for cell in nb.cells:
        for tag in set(tags(cell)) - TAGS:
            yield f"cell {cell.id} has the unknown tag {tag!r}"
        if "nbval-skip" in tags(cell) and not cell.metadata.get("why"):
            yield f"cell {cell.id} is skipped without why=… in its metadata"
        if cell.cell_type == "code" and re.search(r"#\s*(NBVAL_|PYTEST_VALIDATE)", cell.source):
            yield f"cell {cell.id} steers nbval by a comment, which readers see: use tags"


@rule
def screenful(nb, path):
    for cell in code(nb):
        lines = cell.source.splitlines()
        if len(lines) > 25:
            yield f"cell {cell.id} has {len(lines)} lines, at most 25"
        for line in lines:
            if len(line) > 90:
                yield f"cell {cell.id} has a line of {len(line)} columns, at most 90: {line[:40]!r}…"


@rule
def setup(nb, path):
    """The same cell in all notebooks, first of the code cells (`test_hygiene` compares the addresses)."""
    cells = [cell for cell in code(nb) if "GANLIB_SOURCE" in cell.source or cell.id == "setup"]
    if [cell.id for cell in cells] != ["setup"] or code(nb)[0] is not cells[0]:
        yield "needs one setup cell, with the id setup, before all other code cells"
    elif address_in(cells[0].source) is None:
        yield "the setup cell differs from tools/set_repo.py"
    elif tags(cells[0]) != SETUP_TAGS:
        yield f"the setup cell must be tagged {SETUP_TAGS}"


@rule
def imports(nb, path):
    """Only what Colab brings; nothing else is installed."""
    for cell in code(nb):
        if re.search(r"^\s*[%!]\s*(pip|conda|apt)", cell.source, re.MULTILINE):
            yield f"cell {cell.id} installs something: only the setup cell may, and only ganlib"
        for node in ast.walk(ast.parse(python(cell))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else \
                [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in {name.split(".")[0] for name in names} - MODULES - sys.stdlib_module_names:
                yield f"cell {cell.id} imports {name}, which not every reader has"


# --- Outputs --------------------------------------------------------------------------------------------------

@rule
def ignored(nb, path):
    """Few outputs are exempt from comparison, and what the text says about each of them is a claim."""
    cells = code(nb)
    exempt = [i for i, cell in enumerate(cells) if {IGNORED, "nbval-skip"} & set(tags(cell))]
    if len(exempt) > 0.25 * len(cells):
        yield f"{len(exempt)} of {len(cells)} outputs are ignored, at most a quarter"
    for here, following in pairwise([*exempt, len(cells)]):
        if not any(calls_to_claim(cell) for cell in cells[here + 1:following]):
            yield f"cell {cells[here].id} is not compared, and no claim follows it"


@rule
def noise(nb, path):
    """Nothing that belongs to the machine on which the notebook ran, nothing that needs a kernel or a network."""
    places = [re.escape(str(p)) for p in (ROOT, Path.home(), tempfile.gettempdir(), sys.prefix) if str(p) != "/"]
    own = re.compile("|".join([r"0x[0-9a-f]{6,}", r"(?<![\w/:.])/(?:home|root|Users|content|tmp)/", *places]))
    for cell, output in outputs(nb):
        data = output.get("data", {})
        for mime in set(data) - MIME:
            yield f"cell {cell.id} has an output of type {mime}"
        texts = [output.get("text", ""), output.get("evalue", "")]
        for text in texts + [v for k, v in data.items() if k.startswith("text/")]:
            if found := own.search(text):
                yield f"cell {cell.id} prints an address or path of this machine: {found[0]!r}"
        if re.search(r"""(src|href)=["']?\s*(https?:)?//""", data.get("text/html", "")):
            yield f"cell {cell.id} has an output that loads something from the network"


@rule
def pictures(nb, path):
    """nbval does not look at pictures, so at least each is one."""
    for cell, output in outputs(nb):
        if (text := output.get("data", {}).get("image/png")) is None:
            continue
        try:
            raw = base64.b64decode(text, validate=False)
            Image.open(io.BytesIO(raw)).verify()
            image = Image.open(io.BytesIO(raw)).convert("L")
            low, high = image.getextrema()
        except Exception as error:      # Pillow raises many kinds
            yield f"cell {cell.id} holds something that is not a PNG ({type(error).__name__})"
            continue
        if min(image.size) < 50 or low == high:
            yield f"cell {cell.id} holds an empty picture ({image.size[0]} × {image.size[1]})"


@rule
def alt_text(nb, path):
    """Each figure has a text that stands for it, in the output and in the metadata that the book prints."""
    seen: Counter[str] = Counter()
    for cell in code(nb):
        alt, stored = image_alt(cell), cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
        if alt is None and stored is not None:
            yield f"cell {cell.id} has an alt text but no figure"
        if alt is None:
            continue
        figures = [o for o in cell.outputs if any(mime.startswith("image/") for mime in o.get("data", {}))]
        if len(figures) > 1:
            yield f"cell {cell.id} has {len(figures)} figures, and one alt text for them"
        if alt != stored:
            yield f"cell {cell.id}: the alt text in the metadata is not the output's"
        if len(alt) < 30 or len(alt.split()) < 5 or re.search(r"^<|\n|\.(png|jpe?g|svg|webp)\b", alt):
            yield f"cell {cell.id} has no real alt text: {alt!r}"
        seen[alt] += 1
    for alt, times in seen.items():
        if times > 1:
            yield f"{times} figures have the alt text {alt!r}"
    for cell, output in outputs(nb):
        for image in re.findall(r"<img\b[^>]*>", output.get("data", {}).get("text/html", "")):
            if len((re.search(r'\balt="([^"]*)"', image) or ["", ""])[1]) < 30:
                yield f"cell {cell.id} has an <img> without a real alt text"


# --- Markdown cells -------------------------------------------------------------------------------------------

def prose(source: str) -> str:
    """The Markdown with its code blanked, lines kept: fences, and code spans."""
    lines = source.splitlines()
    for token in MarkdownIt("commonmark").parse(source):
        if token.type in ("fence", "code_block") and token.map:
            lines[token.map[0]:token.map[1]] = [""] * (token.map[1] - token.map[0])
    # Not after a brace: {ref}`x` is no code span but a role of MyST, for `commonmark` to find.
    return re.sub(r"(?<![`}])(`+)(?!`)(.+?)(?<!`)\1(?!`)", "code", "\n".join(lines))


def words(nb: NotebookNode) -> int:
    """The words of the text: a formula counts as one, code as none."""
    text = "\n".join(prose(cell.source) for cell in markdown(nb))
    text = re.sub(r"\$\$.*?\$\$|\$[^$]+\$", "formula", text, flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)|<[^>]+>", " ", text)
    return len(re.findall(r"\b\w[\w’'-]*", text))


@rule
def length(nb, path):
    if path.name[0].isdigit() and "practice" not in path.parts and words(nb) not in WORDS:
        yield f"{words(nb)} words of text, at least {WORDS.start} and at most {WORDS.stop - 1}"


@rule
def commonmark(nb, path):
    """Colab and plain JupyterLab show MyST as raw text."""
    forms = {
        "a directive": r"^\s*(```+|~~~+|:::+)\s*\{", "a colon fence": r"^\s*:::+", "a role": r"\{[a-z][\w:+-]*\}`",
        "a label": r"^\([\w-]+\)=\s*$", "a comment": r"^%", "a block break": r"^\+\+\+", "a footnote": r"\[\^[\w-]+\]",
        "a substitution": r"\{\{.*\}\}", "an attribute": r"^\{[.#][^}]*\}\s*$", "a wiki link": r"\[\[[^\]]*\]\]",
    }
    for cell in markdown(nb):
        # The braces of a formula are TeX. A directive looks like a fence, which `prose` would blank.
        text = re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$", "formula", prose(cell.source), flags=re.DOTALL)
        for name, pattern in forms.items():
            if found := re.search(pattern, cell.source if name == "a directive" else text, re.MULTILINE):
                yield f"cell {cell.id} has {name} of MyST: {found[0].strip()!r}"


@rule
def formulas(nb, path):
    """Formulas that Colab, JupyterLab and the book all read as formulas."""
    for cell in markdown(nb):
        text = prose(cell.source).replace(r"\$", "")
        bare = re.sub(r"^[ \t]*(>[ \t]?)+", "", text, flags=re.MULTILINE)     # quotes
        lines = bare.split("\n")
        opened = None
        for number, line in enumerate(lines):
            marks, stripped = line.count("$$"), line.strip()
            starts = opened is None and marks and stripped.startswith("$$")
            if opened is None and marks:
                if not starts or marks > 2:
                    yield f"cell {cell.id}: $$ must begin its line: {stripped[:40]!r}"
                    break
                if number and lines[number - 1].strip():
                    yield f"cell {cell.id}: no blank line before $$ (line {number + 1})"
                opened = number
                marks -= 1
            if opened is not None and marks:
                if not stripped.endswith("$$"):
                    yield f"cell {cell.id}: something follows $$: {stripped[-40:]!r}"
                if number + 1 < len(lines) and lines[number + 1].strip():
                    yield f"cell {cell.id}: no blank line after $$ (line {number + 1})"
                opened = None
            elif opened is not None and not stripped:
                yield f"cell {cell.id}: a blank line inside $$ (line {number + 1})"
        if opened is not None:
            yield f"cell {cell.id}: a $$ without its partner (line {opened + 1})"
        inline = re.sub(r"\$\$.*?\$\$", "", bare, flags=re.DOTALL)
        for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.|\||#)\s)", inline):
            parts = block.split("$")
            if len(parts) % 2 == 0:
                yield f"cell {cell.id}: a $ without its partner near {' '.join(block.split())[:60]!r}"
                continue
            for formula, after in zip(parts[1::2], parts[2::2], strict=True):
                if not formula.strip() or formula != formula.strip():
                    yield f"cell {cell.id}: a space beside $ in ${formula}$"
                if after[:1].isdigit():
                    yield f"cell {cell.id}: a digit right after ${formula}$"
                if "|" in re.sub(r"\\\|", "", formula) and block.lstrip().startswith("|"):
                    yield f"cell {cell.id}: a | inside ${formula}$ ends the table's column: write \\mid or \\vert"
        tex = "".join(re.findall(r"\$\$(.*?)\$\$", bare, re.DOTALL)) + "".join(inline.split("$")[1::2])
        if found := re.search(r"\\(label|tag|ref|eqref|newcommand|def|require)\b", tex):
            yield f"cell {cell.id}: {found[0]} does not work everywhere"
        if found := re.search(r"^\s*\\(begin|\[|\()", inline, re.MULTILINE):
            yield f"cell {cell.id}: TeX outside $…$: {found[0].strip()!r}"


@rule
def headings(nb, path):
    levels = []
    for cell in markdown(nb):
        for token in MarkdownIt("commonmark").parse(cell.source):
            if token.type == "heading_open":
                levels.append((int(token.tag[1]), cell.id, token.markup))
    if [level for level, *_ in levels].count(1) != 1 or not nb.cells[0].source.startswith("# "):
        yield "needs exactly one heading of level 1, at the very beginning"
    for (level, *_), (below, name, _) in pairwise(levels):
        if below > level + 1:
            yield f"cell {name}: a heading of level {below} under one of level {level}"
    for _, name, markup in levels:
        if markup in ("=", "-"):
            yield f"cell {name}: an underlined line is a heading; is that meant? Use #, or a blank line before ---"


@rule
def live(nb, path):
    """A live figure's id is its own on the page, where each heading has one too: its words joined by hyphens."""
    headings = {re.sub(r"[^a-z0-9]+", "-", line.lstrip("# 0123456789.").lower()).strip("-")
                for cell in markdown(nb) for line in cell.source.splitlines() if line.startswith("#")}
    shown = "".join(output.get("data", {}).get("text/html", "") for _, output in outputs(nb))
    ids = Counter(re.findall(r'<figure class="live" id="([^"]*)"', shown))
    for name, times in ids.items():
        if times > 1:
            yield f"{times} live figures have the id {name}"
        if name in headings:
            yield f"a live figure has the id of a heading, {name}: give it another, id=…"


@rule
def links(nb, path):
    """Links lead somewhere, pictures in the text are there and have an alt text."""
    for cell in markdown(nb):
        for token in MarkdownIt("commonmark").parse(cell.source):
            for part in token.children or []:
                target = part.attrs.get("href") if part.type == "link_open" else part.attrs.get("src")
                if part.type not in ("link_open", "image") or target is None:
                    continue
                if part.type == "image" and (len(part.content) < 30 or re.match(r"https?:", str(target))):
                    yield f"cell {cell.id}: the picture {target} needs a real alt text and must be a local file"
                file = str(target).split("#")[0]
                if re.match(r"(https?|mailto):", file) or not file:
                    continue
                if not (path.parent / file).exists():
                    yield f"cell {cell.id}: {file} does not exist"
        if re.search(r"<(script|iframe|style|link)\b|<img\b", prose(cell.source)):
            yield f"cell {cell.id}: only <details> and <summary> as HTML"
