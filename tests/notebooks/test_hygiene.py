"""The rules, on every notebook of the book."""

import re
import warnings

import pytest
import rules
from set_repo import address_in

from notebooks import ROOT, read

NOTEBOOKS = sorted(path for folder in ("notebooks", "notebooks/practice") for path in (ROOT / folder).glob("*.ipynb"))


@pytest.mark.parametrize("name", rules.RULES)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_rule(path, name):
    wrong = list(rules.RULES[name](read(path), path))
    assert not wrong, "\n".join([f"{path.relative_to(ROOT)}:", *wrong])


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if p.parent.name == "notebooks"], ids=lambda path: path.stem)
def test_length_is_near_the_aim(path):
    count = rules.words(read(path))
    if not 1500 <= count <= 3000:
        warnings.warn(f"{path.name} has {count} words, the aim is 1,500 to 3,000", stacklevel=1)


def test_one_setup_cell_for_all():
    cells = {cell.source for path in NOTEBOOKS for cell in read(path).cells if cell.id == "setup"}
    assert len(cells) <= 1, f"different addresses {set(map(address_in, cells))}: run tools/set_repo.py"


def test_the_chapters_are_those_of_the_table_of_contents():
    listed = re.findall(r"file: (notebooks/\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    stored = [str(path.relative_to(ROOT).with_suffix("")) for path in NOTEBOOKS]
    assert listed and sorted(listed) == sorted(stored)
