"""Studies: what is recorded is complete, belongs to its code, and a broken run loses nothing."""

import json

import numpy as np
import pytest

from ganlib import studies

CODE = '''"""A toy."""
from ganlib.studies import Study

CALLS = []


def run(value, seed):
    """What a toy measures."""
    CALLS.append((value, seed))
    if value == "stop":
        raise KeyboardInterrupt
    return {"sum": value + seed, "both": [value, seed / 3]}


STUDY = Study({"one": 1, "two": 2}, range(3), run)
'''


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A study of its own in a folder of its own; gives a function that writes its code."""
    monkeypatch.setattr(studies, "FOLDER", tmp_path)
    monkeypatch.setattr(studies, "__path__", [str(tmp_path)])
    monkeypatch.delitem(__import__("sys").modules, "ganlib.studies.toy", raising=False)

    def write(code=CODE):
        __import__("sys").modules.pop("ganlib.studies.toy", None)
        (tmp_path / "toy.py").write_text(code)
        return tmp_path / "toy.json"

    yield write
    __import__("sys").modules.pop("ganlib.studies.toy", None)


@pytest.mark.parametrize("name", studies.names())
def test_what_is_recorded_is_whole_and_of_this_code(name):
    found, whole = studies.recorded(name), studies.study(name)
    assert list(found) == list(whole.variants) and len(whole.seeds) >= 5
    for measures in found.values():
        for key, rows in measures.items():
            assert len(rows) == len(whole.seeds) and np.isfinite(rows).all(), key
    runs = json.loads((studies.FOLDER / f"{name}.json").read_text())["runs"]
    assert {v: set(r) for v, r in runs.items()} == {v: {str(s) for s in whole.seeds} for v in whole.variants}


def test_a_record_is_made_and_read_back(toy):
    path = toy()
    studies.make("toy", progress=False)
    found = studies.recorded("toy")
    assert list(found) == ["one", "two"]
    assert np.array_equal(found["two"]["sum"], [2, 3, 4])
    assert np.allclose(found["one"]["both"], [[1, 0], [1, 1 / 3], [1, 2 / 3]], atol=1e-5)
    assert found["one"]["seconds"].shape == (3,)
    before = path.read_text()
    studies.make("toy", progress=False)
    assert len(studies.study("toy").run.__globals__["CALLS"]) == 6, "what is there is not trained again"
    assert json.loads(before)["runs"] == json.loads(path.read_text())["runs"]


def test_a_run_cut_short_goes_on(toy, monkeypatch):
    toy(CODE.replace('"two": 2', '"two": "stop"'))
    with pytest.raises(KeyboardInterrupt):
        studies.make("toy", progress=False)
    with pytest.raises(ValueError, match=r"lacks 'one' with seeds \[1, 2\]; go on with python -m ganlib.studies toy"):
        studies.recorded("toy")
    assert studies._read("toy")["runs"]["one"]["0"]["sum"] == 1
    assert not list(studies.FOLDER.glob(".*.part"))


def test_a_record_of_other_code_is_refused_and_made_anew(toy):
    toy()
    studies.make("toy", progress=False)
    toy(CODE.replace("A toy.", "Another text.\n\nOf documentation.").replace("\n\n\ndef", "\n\n# A comment.\n\ndef"))
    assert studies.recorded("toy")["one"]["sum"][0] == 1
    toy(CODE.replace("value + seed", "value - seed"))
    with pytest.raises(ValueError, match="toy.json was recorded by other code than toy.py"):
        studies.recorded("toy")
    studies.make("toy", progress=False)
    assert np.array_equal(studies.recorded("toy")["one"]["sum"], [1, 0, -1])


def test_errors_say_what_came(toy):
    toy()
    with pytest.raises(ValueError, match="studies.study: name must be 'toy', got 'elsewhere'"):
        studies.recorded("elsewhere")
    with pytest.raises(ValueError, match=r"lacks 'one' with seeds \[0, 1, 2\]"):
        studies.recorded("toy")
