"""Practice in the built book: everything is there without JavaScript, and the self-test works by keyboard and mouse,
says why, and remembers."""

import json
import re

import pytest
from built import ROOT, SITE

from ganlib import practice
from ganlib.practice import Choice

CHAPTERS = [practice.chapter(number) for number in practice.numbers()]
PAGES = {p.stem[:2] if p.stem[:2].isdigit() else "clinic": f"notebooks/practice/{p.stem}.html"
         for p in (ROOT / "notebooks" / "practice").glob("*.ipynb")}
THEORY = {p.stem[:2]: f"notebooks/{p.stem}.html" for p in (ROOT / "notebooks").glob("*.ipynb")}
WITH_TEST = [c for c in CHAPTERS if c.concepts]

each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.number)
each_self_test = pytest.mark.parametrize("chapter", WITH_TEST, ids=lambda c: c.number)


@pytest.fixture
def plain(browser):
    """A page without JavaScript."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


@each_chapter
def test_bank_notebook_and_page_hold_the_same_exercises(chapter, site):
    ids = [e.id for e in chapter]
    stored = json.loads((ROOT / PAGES[chapter.number].replace(".html", ".ipynb")).read_text(encoding="utf-8"))
    checked = re.findall(r"^ex\.(\w+)\.check\(", "\n".join("".join(c["source"]) for c in stored["cells"]), re.MULTILINE)
    assert checked == ids
    html = (SITE / PAGES[chapter.number]).read_text(encoding="utf-8")
    assert html.count("<summary>Solution</summary>") == len(ids)
    assert html.count("<summary>Hint 1 of ") == len(ids)
    assert html.count("<summary>Hint ") == sum(len(e.hints) for e in chapter)


@each_chapter
def test_hints_and_solutions_open_without_javascript(chapter, site, plain):
    plain.goto((site / PAGES[chapter.number]).as_uri())
    for summary in ("Hint 1 of", "Solution"):
        details = plain.locator("details", has=plain.locator("summary", has_text=summary)).first
        inside = details.locator("p, pre, li").first
        assert not inside.is_visible(), "folded at first"
        details.locator("summary").click()
        assert inside.is_visible() and inside.inner_text().strip()


@each_self_test
def test_the_self_test_reads_without_javascript(chapter, site, plain):
    plain.goto((site / THEORY[chapter.number]).as_uri())
    questions = plain.locator(".selftest-question")
    assert questions.count() == len(chapter.concepts)
    for i, concept in enumerate(chapter.concepts):
        reasons = questions.nth(i).locator("details")
        assert reasons.count() == len(concept.options)
        for j, option in enumerate(concept.options):
            reasons.nth(j).locator("summary").click()
            text = reasons.nth(j).locator("p").inner_text()
            assert text.startswith("Right." if option.right else "Wrong.") and len(text) > 20


@pytest.fixture
def page(browser):
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def verdict(question):
    return question.locator(".selftest-verdict").inner_text()


@each_self_test
def test_every_option_tells_its_reason_when_chosen(chapter, address, page):
    page.goto(f"{address}/{THEORY[chapter.number]}")
    for concept in chapter.concepts:
        question = page.locator(f'[data-key="{concept.key}"]')
        for letter, option in zip("abcdefgh", concept.options, strict=False):
            box = question.locator(f'input[value="{letter}"]')
            reason = question.locator(".selftest-option").nth("abcdefgh".index(letter)).locator("details p")
            box.check()
            assert reason.is_visible() and reason.inner_text().startswith("Right." if option.right else "Wrong.")
            if not concept.many:
                assert verdict(question) == ("Right." if option.right else
                                             "Not yet: read the reason, then choose again.")
                assert question.locator("details[open]").count() == 1
            else:
                box.uncheck()
                assert not reason.is_visible()
        for letter, option in zip("abcdefgh", concept.options, strict=False):
            if option.right:
                question.locator(f'input[value="{letter}"]').check()
        assert verdict(question) == "Right."
    of = len(chapter.concepts)
    assert page.locator(".selftest-score").inner_text() == f"{of} of {of} right."


@pytest.mark.parametrize("where", ["http", "disk"])
def test_choices_are_remembered_on_the_device(where, site, address, page):
    chapter = WITH_TEST[0]
    start = address if where == "http" else site.as_uri()
    page.goto(f"{start}/{THEORY[chapter.number]}")
    concept = next(c for c in chapter.concepts if not c.many)
    right = "abcdefgh"[[o.right for o in concept.options].index(True)]
    page.locator(f'[data-key="{concept.key}"] input[value="{right}"]').check()
    page.reload()
    question = page.locator(f'[data-key="{concept.key}"]')
    assert question.locator(f'input[value="{right}"]').is_checked() and verdict(question) == "Right."
    assert page.locator("input:checked").count() == 1


def test_it_works_where_nothing_can_be_stored(address, page):
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})")
    failed = []
    page.on("pageerror", lambda error: "selftest" in str(error.stack) and failed.append(str(error)))
    page.goto(f"{address}/{THEORY[WITH_TEST[0].number]}")
    box = page.locator(".selftest input").first
    box.check()
    assert page.locator(".selftest details[open]").count() == 1 and not failed


def test_it_works_by_keyboard(address, page):
    page.goto(f"{address}/{THEORY[WITH_TEST[0].number]}")
    question = page.locator(".selftest-question", has=page.locator('input[type="radio"]')).first
    question.locator("input").first.focus()
    page.keyboard.press("Space")
    assert question.locator("input").first.is_checked()
    page.keyboard.press("ArrowDown")
    assert question.locator("input").nth(1).is_checked() and question.locator("details[open]").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.selftest-question') !== "
                         f"document.querySelector('[data-key=\"{question.get_attribute('data-key')}\"]')"), \
        "one Tab leaves a group of radio buttons"


def test_what_is_new_is_announced_and_what_was_stored_is_not(address, page):
    page.goto(f"{address}/{THEORY[WITH_TEST[0].number]}")
    assert page.locator('.selftest-verdict[role="status"]').count() == 0
    page.locator(".selftest input").first.check()
    assert page.locator('.selftest-verdict[role="status"]').count() == 1


def test_a_page_that_lacks_an_exercise_stops_the_build():
    """The negative control of the agreement between bank and notebook."""
    import sys
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    from practice_pages import enrich

    name = next(p for p in PAGES.values() if p.split("/")[-1][:2].isdigit()).removesuffix(".html")
    notebook = json.loads((ROOT / f"{name}.ipynb").read_text(encoding="utf-8"))
    source = [json.dumps(notebook)]
    enrich(None, name, source)
    assert len(json.loads(source[0])["cells"]) > len(notebook["cells"])
    notebook["cells"] = [c for c in notebook["cells"] if "check(" not in "".join(c["source"])
                         or c["cell_type"] == "markdown"]
    with pytest.raises(ValueError, match="lacks exercises"):
        enrich(None, name, [json.dumps(notebook)])


def test_all_concepts_are_choices():
    assert all(isinstance(q, Choice) for c in CHAPTERS for q in c.concepts)
