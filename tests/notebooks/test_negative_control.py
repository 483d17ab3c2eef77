"""Do the guards bite? Each rule has at least one notebook that breaks it, and nbval a corrupted one."""

import base64
import io
import re
import subprocess
import sys

import numpy as np
import pytest
import rules
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from PIL import Image

from notebooks import ROOT, read, write

PNG = "image/png"


def cell(nb, name):
    return next(c for c in nb.cells if c.id == name)


def source(name, text):
    """Replace a cell's source."""
    return lambda nb: cell(nb, name).update(source=text)


def added(text):
    """Add a paragraph to the text."""
    return lambda nb: cell(nb, "the-optimum").update(source=cell(nb, "the-optimum").source + "\n\n" + text)


def tagged(name, *tags):
    return lambda nb: cell(nb, name).metadata.update(tags=list(tags))


def output(cell_id, **fields):
    return lambda nb: cell(nb, cell_id).outputs.append(new_output(**fields))


def printed(text):
    return output("expression", output_type="stream", name="stdout", text=text)


def picture(data):
    return lambda nb: cell(nb, "a-figure").outputs[0].data.update({PNG: data})


def alt(text):
    def spoil(nb):
        figure = cell(nb, "a-figure")
        figure.outputs[0].data["text/plain"] = figure.metadata.mystnb.image.alt = text
    return spoil


def png(values):
    file = io.BytesIO()
    Image.fromarray(values).save(file, "png")
    return base64.b64encode(file.getvalue()).decode()


def stripped(nb):
    for c in rules.code(nb):
        c.outputs, c.execution_count = [], None


def second_setup(nb):
    again = cell(nb, "setup").copy()
    again.id = "setup-again"
    nb.cells.append(again)


def html(text):
    return output("expression", output_type="display_data", data={"text/html": text})


def figure_again(nb):
    again = new_code_cell("x", id="again")
    again.outputs, again.metadata = cell(nb, "a-figure").outputs, cell(nb, "a-figure").metadata
    nb.cells.append(again)


WHITE, NOISE = np.full((80, 80), 255, np.uint8), np.arange(6400, dtype=np.uint8).reshape(80, 80)
BROKEN = [
    ("form", lambda nb: nb.metadata.update(widgets={}), "metadata"),
    ("form", lambda nb: cell(nb, "walk").metadata.update(execution={"iopub": "now"}), "cells walk"),
    ("form", lambda nb: cell(nb, "walk").update(id="1f3a9c0b"), "normal form"),
    ("form", lambda nb: cell(nb, "walk").update(id="walk_1"), "not of a–z"),
    ("form", lambda nb: cell(nb, "walk").update(id="sample"), "normal form"),
    ("form", lambda nb: cell(nb, "walk").outputs[0].update(text=3), "not a valid notebook"),
    ("size", printed("x" * 1_600_000), "at most 1.5"),
    ("description", lambda nb: nb.metadata.pop("myst"), "description"),
    ("executed", stripped, "must run 1.."),
    ("executed", lambda nb: cell(nb, "walk").update(execution_count=9), "must run 1.."),
    ("executed", lambda nb: cell(nb, "walk-claims").update(outputs=[]), "no stored output"),
    ("executed", lambda nb: nb.cells.append(new_markdown_cell(" ", id="nothing")), "nothing is empty"),
    ("errors", output("walk", output_type="error", ename="ValueError", evalue="no"), "a ValueError"),
    ("errors", output("walk", output_type="stream", name="stderr", text="Warning: no"), "stderr"),
    ("semicolon", source("expression", "1 + 1;"), "';'"),
    ("known_tags", tagged("walk", "nbval-ignore-outputs"), "unknown tag"),
    ("known_tags", tagged("walk", "nbval-skip"), "without why"),
    ("known_tags", source("walk", "x = 1  # NBVAL_IGNORE_OUTPUT"), "by a comment"),
    ("screenful", source("walk", "x = 1\n" * 26), "26 lines"),
    ("screenful", source("walk", "x = '" + 90 * "x" + "'"), "96 columns"),
    ("setup", lambda nb: nb.cells.remove(cell(nb, "setup")), "one setup cell"),
    ("setup", second_setup, "one setup cell"),
    ("setup", lambda nb: nb.cells.insert(0, new_code_cell("x = 1", id="x")), "before all other"),
    ("setup", source("setup", "import ganlib, os\nos.environ.get('GANLIB_SOURCE')"), "differs"),
    ("setup", tagged("setup", "remove-cell"), "tagged"),
    ("imports", source("walk", "import torchvision.models"), "imports torchvision"),
    ("imports", source("walk", "from ot import emd"), "imports ot"),
    ("imports", source("walk", "%pip install POT"), "installs something"),
    ("ignored", lambda nb: [tagged(n, rules.IGNORED)(nb) for n in ("walk", "expression")], "at most a quarter"),
    ("ignored", source("walk-claims", "x = 1"), "no claim follows it"),
    ("ignored", tagged("a-figure", rules.IGNORED), "a-figure is not compared"),
    ("noise", printed("<object at 0x7f3a00c0ffee>"), "0x7f3a00c0ffee"),
    ("noise", printed(f"saved in {ROOT}/x"), "path of this machine"),
    ("noise", printed("/home/somebody/x"), "path of this machine"),
    ("noise", html('<script src="https://example.org/x.js"></script>'), "from the network"),
    ("noise", output("walk", output_type="display_data", data={"application/javascript": "x"}), "of type"),
    ("pictures", picture(base64.b64encode(b"garbage" * 99).decode()), "not a PNG"),
    ("pictures", lambda nb: picture(cell(nb, "a-figure").outputs[0].data[PNG][:2000])(nb), "not a PNG"),
    ("pictures", picture(png(WHITE)), "an empty picture"),
    ("pictures", picture(png(NOISE[:3, :3])), "an empty picture"),
    ("alt_text", lambda nb: cell(nb, "a-figure").metadata.clear(), "is not the output's"),
    ("alt_text", lambda nb: cell(nb, "a-figure").outputs.clear(), "but no figure"),
    ("alt_text", alt("<Figure size 640x480 with 1 Axes>"), "no real alt text"),
    ("alt_text", alt("a figure"), "no real alt text"),
    ("alt_text", alt("the picture in the file loss_curve_of_run_3.png"), "no real alt text"),
    ("alt_text", figure_again, "2 figures have"),
    ("alt_text", lambda nb: cell(nb, "a-figure").outputs.append(cell(nb, "a-figure").outputs[0]), "has 2 figures"),
    ("alt_text", html('<img src="data:image/png;base64,iVBO" alt="loss">'), "<img> without"),
    ("length", source("sample", "# The sample"), "words of text"),
    ("commonmark", added("```{note}\nx\n```"), "a directive"),
    ("commonmark", added(":::{note}\nx\n:::"), "a directive"),
    ("commonmark", added(":::\nx\n:::"), "a colon fence"),
    ("commonmark", added("See {ref}`gan`."), "a role"),
    ("commonmark", added("(label)=\nx"), "a label"),
    ("commonmark", added("x[^1]"), "a footnote"),
    ("formulas", added("so\n$$\nx\n$$\n"), "no blank line before"),
    ("formulas", added("$$\nx\n$$\nso"), "no blank line after"),
    ("formulas", added("$$\nx\n\ny\n$$"), "a blank line inside"),
    ("formulas", added("so $$x$$ here"), "begin its line"),
    ("formulas", added("$$\nx"), "without its partner"),
    ("formulas", added("It costs $ 5."), "without its partner"),
    ("formulas", added("so $ x$ is"), "a space beside"),
    ("formulas", added("so $x $ is"), "a space beside"),
    ("formulas", added("from $x$2 on"), "a digit right after"),
    ("formulas", added("| a | b |\n|---|---|\n| $p(x|z)$ | 1 |"), "ends the table's column"),
    ("formulas", added("$$\nx \\label{eq}\n$$"), "does not work everywhere"),
    ("formulas", added("\\begin{align}\nx\n\\end{align}"), "TeX outside"),
    ("headings", added("# Another"), "exactly one heading"),
    ("headings", added("#### Deep"), "level 4 under one of level 2"),
    ("headings", source("sample", "Text first.\n\n# The sample"), "at the very beginning"),
    ("headings", added("A line\n---"), "underlined"),
    ("live", html('<figure class="live" id="a">' * 2), "2 live figures have the id a"),
    ("live", html('<figure class="live" id="the-sample">'), "id of a heading"),
    ("links", added("[x](../book/nowhere.md)"), "does not exist"),
    ("links", added("![x](02_sample.ipynb)"), "real alt text"),
    ("links", added("![" + 40 * "x" + "](https://example.org/x.png)"), "must be a local file"),
    ("links", added('<img src="x.png">'), "only <details>"),
]


def test_the_sample_breaks_no_rule(sample, refreshed):
    assert rules.broken(sample, refreshed) == []


def test_every_rule_has_an_example():
    assert {name for name, *_ in BROKEN} == set(rules.RULES)


@pytest.mark.parametrize("name, spoil, message", BROKEN, ids=[f"{i}-{b[0]}" for i, b in enumerate(BROKEN)])
def test_a_broken_rule_is_caught(sample, refreshed, tmp_path, name, spoil, message):
    spoil(sample)
    path = tmp_path / refreshed.name
    path.write_text("somewhere", encoding="utf-8")      # links to the notebook itself lead somewhere
    assert re.search(re.escape(message), "\n".join(rules.RULES[name](sample, path)))


def test_a_file_that_another_program_wrote_is_caught(sample, tmp_path):
    path = tmp_path / "02_sample.ipynb"
    write(sample, path)
    assert list(rules.form(sample, path)) == []
    path.write_text(path.read_text(encoding="utf-8").replace("\n ", "\n  "), encoding="utf-8")
    assert list(rules.form(read(path), path)) == ["the file is not written as `refresh` writes it"]


ALLOWED = """
> Quoted, with $x$ and
>
> $$
> x | y
> $$
>
> more.

| a | b |
|---|---|
| $p \\mid z$ | \\$3 |

$$ x = \\{y\\} $$

<details>
<summary>Solution</summary>

It is `$x` and `{ref}`, and $\\mathbb{E}_{x}$.

</details>

- $a$
- $b$ costs `a $5 note`

```python
x = '$'  # {note} :::
```
"""


def test_what_is_allowed(sample, refreshed):
    added(ALLOWED.strip())(sample)
    assert rules.broken(sample, refreshed) == ["form: the file is not written as `refresh` writes it"]


def test_nbval_accepts_the_sample_and_names_the_corrupted_cell(refreshed, tmp_path):
    nb = read(refreshed)
    nb.cells = [c for c in nb.cells if c.id not in ("setup", "a-figure")]      # they only cost time here
    write(nb, tmp_path / "good.ipynb")
    stream = cell(nb, "check-the-optimum").outputs[0]
    assert "0.333" in stream.text
    stream.text = stream.text.replace("0.333", "0.334")
    write(nb, tmp_path / "corrupt.ipynb")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "--nbval", "--nbval-current-env", "--nbval-sanitize-with",
         "tests/nbval.cfg", "-p", "no:cacheprovider", "-rA", "--color=no", "--rootdir", tmp_path,
         tmp_path / "good.ipynb", tmp_path / "corrupt.ipynb"], cwd=ROOT, capture_output=True, text=True)
    found = re.findall(r"^(PASSED|FAILED) \S*?(\w+\.ipynb::Cell \d+)", run.stdout, re.MULTILINE)
    results = {where: result for result, where in found}
    assert run.returncode == 1, run.stdout[-3000:] + run.stderr[-3000:]
    assert {where for where, result in results.items() if result == "FAILED"} == {"corrupt.ipynb::Cell 0"}, run.stdout
    assert len(results) == 2 * len(rules.code(nb))
