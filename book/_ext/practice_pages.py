"""What the bank of exercises (ganlib/practice/bank) adds to the book's pages, while Sphinx reads them.

- A practice notebook holds questions and stubs. Its page gets, below each exercise, the hints, the solution and the
  usual wrong answers, each folded in a <details>: readable without JavaScript, and never part of the notebook itself.
- A chapter's notebook ends in a section "Practice". Its page gets a self-test there: the directive {selftest}, which
  any page may use, ``{selftest} 02``. Every option has its reason; _static/selftest.js opens it when the option is
  chosen and remembers the choice. Without JavaScript the reasons can be opened by hand.
"""

import json
import re
import sys
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from practice_notebooks import cell_id

from ganlib import practice
from ganlib.practice.choice import LETTERS, Choice


def folded(summary, text):
    """Markdown that opens on a click."""
    return f"<details>\n<summary>{summary}</summary>\n\n{text.strip()}\n\n</details>"


def help_for(exercise):
    """Hints, solution and usual wrong answers as Markdown."""
    parts = [folded(f"Hint {n} of {len(exercise.hints)}", hint) for n, hint in enumerate(exercise.hints, 1)]
    parts.append(folded("Solution", exercise.solution))
    if exercise.mistakes and not isinstance(exercise, (Choice, practice.Diagnosis)):
        wrong = "\n".join(f"- {f'`{m.answer}`' if isinstance(m.answer, str) else f'*{m.name}*'}: {m.why}"
                          for m in exercise.mistakes)
        parts.append(folded("Usual wrong answers, and why they are wrong", wrong))
    return "\n\n".join(parts)


def markdown_cell(name, text):
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def enrich(app, docname, source):
    """Add to a notebook's cells what is only for the page."""
    found = re.fullmatch(r"notebooks/(practice/)?(?:(\d\d)_\w+|failure_(clinic))", docname)
    number = found and (found[2] or found[3])
    if not found or number not in practice.numbers():
        return
    notebook, chapter, cells = json.loads(source[0]), practice.chapter(number), []
    exercises = {cell_id(exercise): exercise for exercise in chapter} if found[1] else {}
    for cell in notebook["cells"]:
        cells.append(cell)
        if cell["cell_type"] == "code" and cell["id"] in exercises:
            cells.append(markdown_cell(cell["id"] + "-help", help_for(exercises.pop(cell["id"]))))
        if not found[1] and cell["id"] == "practice" and chapter.concepts:
            cells.append(markdown_cell("selftest", f"```{{selftest}} {number}\n```"))
    if exercises:
        raise ValueError(f"{docname} lacks exercises of the bank: {', '.join(exercises)}; "
                         f"run tools/practice_notebooks.py")
    source[0] = json.dumps({**notebook, "cells": cells})


class SelfTest(Directive):
    """The concept questions of a chapter, to be answered on the page."""

    required_arguments = 1

    def run(self):
        chapter = practice.chapter(self.arguments[0])
        if not chapter.concepts:
            raise self.error(f"selftest: chapter {chapter.number} has no concept questions")
        out = [self.html(f'<form class="selftest" data-chapter="{chapter.number}" aria-label="Self-test">')]
        for n, question in enumerate(chapter.concepts, 1):
            out += self.question(question, n, len(chapter.concepts))
        return [*out, self.html('<p class="selftest-score" role="status"></p></form>')]

    def html(self, text):
        return nodes.raw("", text, format="html")

    def markdown(self, text):
        box = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), source="bank"), 0, box)
        return box.children

    def inline(self, text):
        """The content of one paragraph, because a label holds no blocks."""
        (paragraph,) = self.markdown(text)
        return paragraph.children

    def question(self, question, n, of):
        name = question.key.replace(".", "-")
        kind, role = ("checkbox", "group") if question.many else ("radio", "radiogroup")
        yield self.html(f'<div class="selftest-question" role="{role}" aria-labelledby="{name}" '
                        f'data-key="{question.key}"><div id="{name}" class="selftest-prompt">'
                        f'<p class="selftest-number">Question {n} of {of}</p>')
        yield from self.markdown(question.prompt)
        yield self.html("</div>")
        for letter, option in zip(LETTERS, question.options, strict=False):
            right = "right" if option.right else "wrong"
            yield self.html(f'<div class="selftest-option"><label><input type="{kind}" name="{escape(name)}" '
                            f'value="{letter}" data-verdict="{right}"><b>{letter}</b><span>')
            yield from self.inline(option.text)
            yield self.html(f'</span></label><details><summary>Why {letter} is right or wrong</summary>'
                            f'<p class="selftest-{right}"><strong>{right.capitalize()}.</strong> ')
            yield from self.inline(option.reason)
            yield self.html("</p></details></div>")
        yield self.html('<p class="selftest-verdict" role="status"></p></div>')


def setup(app):
    app.connect("source-read", enrich)
    app.add_directive("selftest", SelfTest)
    return {"parallel_read_safe": True}
