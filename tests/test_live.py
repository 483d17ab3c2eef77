"""The output of a live figure and the joining of its program; the page itself is tested in tests/figures."""

import gzip
import html
import json
import re
from collections import Counter

import matplotlib.pyplot as plt
import pytest

from ganlib.figures import live
from ganlib.figures.live import SOURCES, Live, document, modules, renewed, script

PROGRAMS = sorted(path.stem for path in SOURCES.glob("*.js"))
NAME = re.compile(r"^(?:export )?(?:async )?(?:const|let|class|function) ([A-Za-z_$][\w$]*)", re.MULTILINE)


def figure(config=None, **changes):
    picture, axes = plt.subplots(figsize=(1, 1))
    axes.plot([0, 1])
    given = {"title": 'A "title" & more', "alt": "Nothing but a line, for a <test>.", "picture": picture, "id": "one-1",
             "heights": (300, 400), **changes}
    return Live("dirac", {} if config is None else config, **given)


def config_in(text):
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', text)[1])
    return json.loads(re.search('id="config">(.*?)</script>', page, re.DOTALL)[1])


@pytest.mark.parametrize("name", PROGRAMS)
def test_sources_keep_to_what_joining_them_asks(name):
    text = (SOURCES / f"{name}.js").read_text(encoding="utf-8")
    for line in text.splitlines():
        assert "import " not in line or live.IMPORT.match(line) or line.lstrip().startswith("//"), line
        assert not re.match(r"\s*export (default|\{|\*)", line), line
        assert "/*" not in line and not re.search(r"[;{},]\s*//", line), f"a comment beside code: {line}"
        assert line.count("`") % 2 == 0, f"a template literal ends on its line: {line}"
        assert len(line) <= 120, line
    for imported, names in re.findall(r'^import \{ ([\w, ]+) \} from "\./(\w+)\.js";$', text, re.MULTILINE):
        other = (SOURCES / f"{names}.js").read_text(encoding="utf-8")
        for one in imported.split(", "):
            assert re.search(rf"^export (async )?(const|let|class|function) {one}\b", other, re.M), (name, one)
            assert len(re.findall(rf"\b{one}\b", text)) > 1, f"{name}.js imports {one} and does not use it"


def test_names_differ_in_all_programs():
    names = Counter(found for program in PROGRAMS
                    for found in NAME.findall((SOURCES / f"{program}.js").read_text(encoding="utf-8")))
    assert [name for name, times in names.items() if times > 1] == []
    assert len(names) > 100


def test_a_program_holds_what_it_needs_once_and_in_order():
    found = modules("lab")
    order = [found.index(name) for name in ("random", "network", "game", "run", "lab")]
    assert order == sorted(order)
    assert len(found) == len(set(found))
    text = script("lab")
    assert "import " not in text and "export " not in text and "//" not in re.sub(r'"[^"\n]*"', "", text)
    assert "{{kernel.wasm}}" not in text and text.count("class Game") == 1
    assert text.startswith('"use strict";(()=>{') and not script("lab", expose=True).startswith('"use strict";(()=>{')


def test_the_output_is_one_figure_with_picture_and_sandboxed_frame():
    text = figure()._repr_mimebundle_()["text/html"]
    assert text.startswith("<figure ") and text.endswith("</figure>")
    assert text.count("<img ") == text.count("<iframe ") == 1 and 'sandbox="allow-scripts"' in text
    assert 'alt="Nothing but a line, for a &lt;test&gt;."' in text and 'title="A &quot;title&quot; &amp; more"' in text
    assert not re.search(r"""(src|href)=["']?\s*(https?:)?//""", html.unescape(text))


@pytest.mark.parametrize("words", ["</script><b>", '"quoted" & <b>', "ψ = ½", "<!-- <script>", "line\nbreak"])
def test_what_python_says_arrives_in_the_page(words):
    assert config_in(figure({"question": words}).html) == {"question": words}


def test_numbers_that_are_no_json_are_refused():
    with pytest.raises(ValueError):
        document("dirac", "t", {"x": float("nan")})


def test_two_outputs_of_one_figure_are_equal():
    assert figure({"a": 1}).html == figure({"a": 1}).html


def test_a_stored_output_gets_the_program_of_now_and_keeps_its_own_data(monkeypatch, tmp_path):
    before = figure({"question": '"Why" & </script> $x$?', "data": [1, 2]}).html
    assert renewed(before) == before
    for path in SOURCES.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "dirac.js").write_text('const changed = "<&\\"";\n')
    monkeypatch.setattr(live, "SOURCES", tmp_path)
    after = renewed(before)
    assert after == figure({"question": '"Why" & </script> $x$?', "data": [1, 2]}).html != before
    assert config_in(after) == config_in(before) and "changed" in after


@pytest.mark.parametrize("wrong", ["", "Lab", "1lab", "lab 1", None])
def test_wrong_ids_are_refused(wrong):
    with pytest.raises(ValueError, match="id must be small letters"):
        figure(id=wrong)


def test_only_a_live_figure_can_be_renewed():
    with pytest.raises(ValueError, match="must be the output of a live figure"):
        renewed("<figure><img></figure>")


def packed(text):
    return len(gzip.compress(text.encode(), 9))


def test_the_engine_has_at_most_six_kilobytes():
    assert packed(script("game")) <= 6 * 1024


@pytest.mark.parametrize("name", [p for p in PROGRAMS if "\nstart((" in (SOURCES / f"{p}.js").read_text("utf-8")])
def test_a_figure_has_at_most_twelve_kilobytes(name):
    """Compressed: its program, the kit's and the style; without its data, and without what it uses of the engine."""
    engine = next((part for part in ("game", "kernel") if part in modules(name)), None)
    assert packed(document(name, "", {})) - (packed(script(engine)) if engine else 0) <= 12 * 1024
