"""Practice: exercises that know why an answer is wrong, a gate a chapter, and a memory.

``ex = practice.chapter("02")``, then ``ex.d_star.check("p/(p + q)")``, ``.hint()``, ``.show_solution()``, ``.new()``,
``.ask()``; ``ex.gate()``. Over all chapters: `report`, `review`, `export`, `import_`.
"""

from ganlib.practice.chapters import Chapter, chapter, due, numbers, report, review
from ganlib.practice.choice import Choice, Diagnosis, Option, Trial
from ganlib.practice.code import Case, Code
from ganlib.practice.exercise import Exercise, Mistake, Verdict
from ganlib.practice.formula import Formula, Number
from ganlib.practice.progress import export, import_, use_drive

__all__ = ["Case", "Chapter", "Choice", "Code", "Diagnosis", "Exercise", "Formula", "Mistake", "Number", "Option",
           "Trial", "Verdict", "chapter", "due", "export", "import_", "numbers", "report", "review", "use_drive"]
