"""tools/notebooks.py and tools/set_repo.py: text and notebook, normal form, the address."""

import copy
import os
import shutil

import pytest
import set_repo
from nbformat.v4 import new_code_cell, new_output
from sample import SAMPLE

import notebooks as tool

OURS = "https://github.com/some-one/a.book"


def test_round_trip():
    nb = tool.from_py(SAMPLE)
    assert tool.to_py(nb) == SAMPLE
    assert tool.from_py(tool.to_py(nb)) == nb


def test_round_trip_of_metadata_and_missing_ids():
    text = ('# description: D\n# accelerator: GPU\n\n'
            '# %% [markdown]\n# # Ä heading, $x$\n#\n#     code\n#\n# end  \n\n'
            '# %%\n# Train it\nx = 1\n\n\ny = "# not a cell %%"\n\n'
            '# %% tags=["hide-input", "nbval-skip"] why="needs \\"it\\"" mystnb={"figure": {"name": "f"}}\n%time x\n')
    nb = tool.from_py(text)
    assert [cell.id for cell in nb.cells] == ["a-heading-x", "train-it", "time-x"]
    assert nb.cells[0].source == "# Ä heading, $x$\n\n    code\n\nend  "
    assert nb.metadata.accelerator == "GPU"
    again = tool.from_py(tool.to_py(nb))
    assert again == nb and tool.to_py(again) == tool.to_py(nb)


def test_the_executed_sample_reads_as_the_text_it_was_made_from(sample):
    assert tool.to_py(sample) == SAMPLE


@pytest.mark.parametrize("text, message", [
    ("import x\n", "t:1: before the first cell"),
    ("# %% [markdown]\n# x\ny\n", "t:3: a Markdown line begins with"),
    ("# %% [markdown]\n## x\n", "t:2: a Markdown line"),
    ("# %% id=xy\n1\n# %% id=xy\n2\n", "t:3: id 'xy'"),
    ("# %% id=X_1\n1\n", "id 'X_1'"),
    ("# %% id=setup\n1\n", "id 'setup'"),
    ("# %% id=xy\n\n", "t:1: an empty cell"),
    ("# %% setup\nimport x\n", "written by this tool"),
    ("# %% setup\n# %% setup\n", "more than one setup"),
    ("# %% A title\n1\n", "expected key=value"),
    ("# %% tags=[nbval]\n1\n", "not valid JSON"),
    ("# %% tag=[]\n1\n", "unknown tag"),
])
def test_text_with_a_mistake_names_the_line(text, message):
    with pytest.raises(tool.NotebookError, match=message.replace("[", r"\[")):
        tool.from_py(text, "t")


def test_a_change_of_prose_keeps_the_outputs(sample, tmp_path, capsys):
    """Text back to a notebook: with the same code nothing else changes; with other code the outputs go."""
    path, text = tmp_path / "02_sample.ipynb", tmp_path / "sample.py"
    tool.write(sample, path)
    written = tool.to_py(sample)
    assert any(cell.get("outputs") for cell in sample.cells)
    text.write_text(written.replace("# # ", "# # Anew: ", 1), encoding="utf-8")
    assert tool.main(["from-py", str(text), str(path)]) == 0 and "outputs are kept" in capsys.readouterr().out
    after = tool.read(path)
    changed = [(a, b) for a, b in zip(sample.cells, after.cells, strict=True) if a != b]
    assert len(changed) == 1 and changed[0][1].source == changed[0][0].source.replace("# ", "# Anew: ", 1)
    assert after.metadata == sample.metadata
    text.write_text(written + "\nmore = 1\n", encoding="utf-8")
    assert tool.main(["from-py", str(text), str(path)]) == 0 and "not yet executed" in capsys.readouterr().out
    assert not any(cell.get("outputs") for cell in tool.read(path).cells)


def test_refresh_twice_gives_the_same_bytes(refreshed, tmp_path):
    path = tmp_path / refreshed.name
    shutil.copy(refreshed, path)
    assert tool.refresh(path)
    assert path.read_bytes() == refreshed.read_bytes()
    assert os.listdir(tmp_path) == [path.name]


def test_refresh_leaves_a_notebook_that_raises(sample, tmp_path, capsys):
    path = tmp_path / "02_sample.ipynb"
    sample.cells = [new_code_cell("print('before')\n1 / 0", id="divide")]
    tool.write(sample, path)
    before = path.read_bytes()
    assert tool.main(["refresh", str(path)]) == 1
    assert path.read_bytes() == before
    assert "NOT stored, cell divide" in (said := capsys.readouterr().out) and "ZeroDivisionError" in said


@pytest.mark.parametrize("command", ["refresh", "time"])
def test_a_kernel_that_dies_is_reported_with_its_cell(command, sample, tmp_path, capsys):
    path = tmp_path / "02_sample.ipynb"
    sample.cells = [new_code_cell("1", id="one"), new_code_cell("import os; os._exit(3)", id="exits")]
    tool.write(sample, path)
    assert tool.main([command, str(path)]) == 1
    assert "cell exits:\nKernel died" in capsys.readouterr().out


def test_refresh_complains(sample, tmp_path, capsys):
    path = tmp_path / "02_sample.ipynb"
    sample.cells = [new_code_cell("import sys\nprint('oh', file=sys.stderr)", id="oh"),
                    new_code_cell("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])", id="bare")]
    tool.write(sample, path)
    assert tool.main(["refresh", str(path)]) == 1
    said = capsys.readouterr().out
    assert "cell oh writes to stderr" in said and "cell bare has a figure without alt text" in said


def test_claims_reports_each_failure_and_the_instruction_set(sample, tmp_path, capsys):
    path = tmp_path / "02_sample.ipynb"
    head = "import os\nfrom ganlib import claim\n"
    sample.cells = [new_code_cell(head + "claim('yes', True)\nclaim('not here', False)", id="first"),
                    new_code_cell("claim('only avx2', os.environ['ATEN_CPU_CAPABILITY'] == 'avx2')", id="second")]
    tool.write(sample, path)
    before = path.read_bytes()
    assert tool.main(["claims", str(path)]) == 1
    lines = [line.split("ipynb")[-1].strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0].startswith("default: 1 claims hold, 2 cells fail")
    assert lines[1:3] == ["cell first: ✗ not here", "cell second: ✗ only avx2"]
    assert lines[3].startswith("avx2: 2 claims hold, 1 cells fail")
    assert path.read_bytes() == before


def test_normal_form_removes_what_depends_on_the_run(sample):
    noisy = copy.deepcopy(sample)
    noisy.metadata.language_info.version = "3.99"
    noisy.metadata.widgets = {"state": {}}
    for cell in noisy.cells:
        cell.metadata.update(execution={"iopub.execute_input": "2026"}, collapsed=False)
        if cell.cell_type == "code":
            cell.execution_count += 7
    stream = next(c for c in noisy.cells if c.id == "check-the-optimum").outputs
    text = stream[0].text
    stream[:] = [new_output("stream", name="stdout", text=part) for part in (text[:5], text[5:9], text[9:])]
    result = next(c for c in noisy.cells if c.id == "expression").outputs[0]
    result.execution_count, result.metadata = 44, {"a": 1}
    figure = next(c for c in noisy.cells if c.id == "a-figure")
    figure.outputs[0].metadata["needs_background"] = "light"
    figure.metadata.pop("mystnb")
    assert noisy != sample
    assert tool.normal_form(noisy) == sample


def test_normal_form_renames_machine_made_ids(sample):
    for cell, name in zip(sample.cells, ["1f3a9c0b", "Ab_9", "the-optimum", "the-optimum"], strict=False):
        cell.id = name
    assert [c.id for c in tool.normal_form(sample).cells][:4] == ["the-sample", "setup-safe-to-run-twice-in",
                                                                  "the-optimum", "import-numpy-as-np"]


def test_unknown_commands_and_paths(capsys, tmp_path):
    assert tool.main([]) == tool.main(["wash", "x"]) == 2
    assert tool.main(["refresh", str(tmp_path)]) == 1
    assert tool.main(["time", str(tmp_path / "none.ipynb")]) == 1


@pytest.mark.parametrize("address", [OURS, OURS + ".git", OURS + "/", "git@github.com:some-one/a.book.git",
                                     "ssh://git@github.com/some-one/a.book", "https://token@github.com/some-one/a.book"])
def test_every_form_of_the_address(address, monkeypatch):
    assert set_repo.look_up(address) == OURS
    monkeypatch.setenv("GANBOOK_REPO", address)
    assert set_repo.look_up() == OURS


@pytest.mark.parametrize("address", ["", "github.com/a/b", "https://example.org/a/b", "/srv/git/book", "https://github.com/a"])
def test_other_addresses_are_refused(address):
    with pytest.raises(ValueError, match="not the address of a GitHub repository"):
        set_repo.normalise(address)


def test_a_remote_elsewhere_is_not_written_into_notebooks(monkeypatch):
    monkeypatch.delenv("GANBOOK_REPO", raising=False)
    monkeypatch.setattr(set_repo.subprocess, "run", lambda *a, **k: type("Run", (), {"stdout": "/srv/git/book\n"}))
    assert set_repo.look_up() == set_repo.PLACEHOLDER


def test_set_repo_rewrites_the_address_line_and_nothing_else(sample, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(set_repo, "ROOT", tmp_path)
    (tmp_path / "notebooks" / "practice").mkdir(parents=True)
    path = tmp_path / "notebooks" / "practice" / "02_sample.ipynb"
    sample.cells[0].source += "\n\n[Colab](https://colab.research.google.com/github/OWNER/REPO/blob/main/x.ipynb)"
    tool.write(sample, path)
    before = path.read_text(encoding="utf-8")
    assert set_repo.main([OURS]) == 0
    assert path.read_text(encoding="utf-8") == before.replace("OWNER/REPO", "some-one/a.book")
    assert set_repo.main(["git@github.com:OWNER/REPO.git"]) == 0
    assert path.read_text(encoding="utf-8") == before
    assert capsys.readouterr().out.count("02_sample.ipynb") == 2


def test_programs_of_stored_live_figures_are_renewed(sample, tmp_path, monkeypatch, capsys):
    import matplotlib.pyplot as plt

    from ganlib.figures import live

    picture, _ = plt.subplots(figsize=(1, 1))
    figure = live.Live("dirac", {"a": 1}, title="t", alt="Nothing at all.", picture=picture, id="x", heights=(1, 2))
    path = tmp_path / "02_sample.ipynb"
    sample.cells[-1].outputs = [new_output("display_data", data={"text/html": figure.html})]
    tool.write(sample, path)
    before = path.read_text(encoding="utf-8")
    assert tool.main(["programs", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == before and capsys.readouterr().out == ""
    monkeypatch.setattr(live, "script", lambda name: "changed()")
    assert tool.main(["programs", str(path)]) == 0
    stored = tool.read(path).cells[-1].outputs[0].data["text/html"]
    assert stored == figure.html and "changed()" in stored
    assert "1 figures renewed" in capsys.readouterr().out


def test_the_setup_cell_is_short():
    lines = set_repo.SETUP_CELL.splitlines()
    assert len(lines) <= 10 and max(map(len, lines)) <= 90
    assert set_repo.address_in(set_repo.setup_cell(OURS)) == OURS
    assert set_repo.address_in(set_repo.SETUP_CELL + " ") is None


def test_write_leaves_the_old_file_when_it_fails(sample, tmp_path, monkeypatch):
    path = tmp_path / "x.ipynb"
    shutil.copy(__file__, path)
    monkeypatch.setattr(tool.os, "replace", lambda *a: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        tool.write(sample, path)
    assert path.read_bytes() == open(__file__, "rb").read()
    assert os.listdir(tmp_path) == ["x.ipynb"]


def test_nbval_waits_long_enough(request):
    item = type("Item", (), {"output_timeout": 5})()
    for plugin in request.config.pluginmanager.get_plugins():
        if getattr(plugin, "__file__", None) == str(tool.ROOT / "conftest.py"):
            plugin.pytest_collection_modifyitems([item, object()])
    assert item.output_timeout == 60
