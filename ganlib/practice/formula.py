"""Formulas as answers: any equivalent form is right, a wrong one is shown a point at which it differs.

Two formulas are the same if they agree to nine digits at twelve random rational points, computed with thirty. Nothing
is simplified, so nothing can hang: an answer is text, a small grammar turns it into Python's syntax tree, and the
tree is evaluated by mpmath with a limit on the size of numbers. (SymPy's own parser computes 9**9**9 while it reads.)
"""

import ast
import itertools
import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import mpmath as mp

from ganlib.practice.exercise import Exercise, Mistake, Wrong
from ganlib.practice.progress import PROGRESS

DIGITS, POINTS, AGREE = 30, 12, 1e-9


def _exp(x: Any) -> Any:
    """e^x, with a limit, because mpmath would work on e^(10^9) for as long as it takes."""
    if x > 1e6:
        raise OverflowError
    return mp.exp(x) if x > -1e6 else mp.mpf(0)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "log": mp.log, "ln": mp.log, "exp": _exp, "sqrt": mp.sqrt, "tanh": mp.tanh, "abs": abs,
    "sigmoid": lambda x: 1 / (1 + _exp(-x)) if x > 0 else _exp(x) / (1 + _exp(x)),
    "softplus": lambda x: max(x, 0) + mp.log(1 + _exp(-abs(x))), "log2": lambda x: mp.log(x) / mp.log(2),
}
FUNCTIONS["sigma"] = FUNCTIONS["sigmoid"]
SPELLINGS = {"−": "-", "–": "-", "·": "*", "×": "*", "÷": "/", "²": "**2", "³": "**3", "½": "(1/2)", "^": "**",
             "σ": " sigma ", "θ": " theta ", "ψ": " psi ", "ε": " eps ", "√": " sqrt ", "[": "(", "]": ")"}
TOKEN = re.compile(r"\s*(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+|[A-Za-z_]\w*|\*\*|[-+*/(),])")


class Unreadable(Wrong):
    """The text is no formula in the symbols of the question."""


def parse(text: Any, symbols: Any = ()) -> ast.expr:
    """The syntax tree of a formula in these symbols. ``2p``, ``p(1-p)``, ``p^2``, ``ln``, ``σ(l)`` are understood.

    text: a string, a number or a SymPy expression. Errors: `Unreadable`, with what to write instead.
    """
    source = _source(text, symbols)
    for odd, plain in SPELLINGS.items():
        source = source.replace(odd, plain)
    source = re.sub(r"\b(np|numpy|math|torch|sympy|sp)\.(?=[a-z])", "", source)
    if "pi" not in symbols:
        source = re.sub(r"(?<![A-Za-z_])(pi|π)(?![A-Za-z_0-9])", "(3.14159265358979323846264338328)", source)
    # log 2, ln2, log4; but log2(x) is the logarithm to base 2, and log2 x might be either
    source = re.sub(r"(?<![A-Za-z_])(log|ln) ?(\d+(?:\.\d+)?)(?!\s*[\w.(])", r"log(\2)", source)
    if not source.strip():
        raise Unreadable("There is nothing between the quotes.")
    if len(source) > 500:
        raise Unreadable("This is longer than 500 characters; the answer is much shorter.")
    if "=" in source:
        raise Unreadable("Leave out the `=` and what stands before it; I need only the right-hand side.")
    if re.search(r"[\\${}]", source):
        raise Unreadable("No LaTeX, please: write `p/q`, not a fraction with braces, and `log(p)` without a backslash.")
    tokens: list[str] = []
    at = 0
    while at < len(source.rstrip()):
        if not (found := TOKEN.match(source, at)):
            raise Unreadable(f"I cannot read `{source[at:at + 10].strip()}`. Allowed are numbers, + - * / ^, "
                             f"parentheses, {_names(symbols)}.")
        word, before = found[1], tokens[-1] if tokens else ""
        at = found.end()
        if word[0].isalpha() and word not in symbols and word not in FUNCTIONS:
            raise Unreadable(f"I do not know `{word}`; there are {_names(symbols)}.{_meant(word, symbols)}")
        if before in FUNCTIONS and word != "(":
            raise Unreadable(f"Write `{before}(…)` with parentheses.")
        factor_before = before == ")" or (before[:1].isalnum() or before[:1] == ".") and before not in FUNCTIONS
        if factor_before and (word[0].isalnum() or word[0] in "(."):
            tokens.append("*")
        tokens.append(re.sub(r"^0+(?=\d)", "", word))
    try:
        tree = ast.parse(" ".join(tokens), mode="eval").body
        ast.unparse(tree)  # too deep for this is too deep for all that follows
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unreadable(f"I cannot read `{source[:60]}`: is a parenthesis or an operator missing?") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple) or isinstance(node, ast.Call) and len(node.args) != 1:
            raise Unreadable("A comma is not understood; decimals are written with a point, and functions take one "
                             "argument.")
        if isinstance(node, ast.Name) and node.id in FUNCTIONS and not any(
                isinstance(call, ast.Call) and call.func is node for call in ast.walk(tree)):
            raise Unreadable(f"Write `{node.id}(…)` with parentheses.")
        if isinstance(node, ast.Call) and not isinstance(node.func, ast.Name):
            raise Unreadable("I cannot read this: is an operator missing?")
    return tree


def _source(text: Any, symbols: Any) -> str:
    """A string, a number (NumPy's and torch's too) or a SymPy expression as text."""
    if hasattr(text, "item") and hasattr(text, "reshape") and len(text.reshape(-1)) == 1:
        text = text.reshape(-1)[0].item()
    if isinstance(text, float) and not math.isfinite(text):
        raise Unreadable(f"{text} is no number to work with.")
    if isinstance(text, bool) or callable(text) or not (
            isinstance(text, (str, int, float)) or type(text).__module__.startswith("sympy.")):
        kind = type(text).__name__
        raise Unreadable(f"I need the answer as text in quotes, such as {_example(symbols)}, or as a number; this is "
                         f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}.")
    return str(text)


def _meant(word: str, symbols: Any) -> str:
    """What was perhaps meant by an unknown word."""
    if word == "e":
        return " Write `exp(x)` for a power of e."
    if word.lower() in symbols or word.lower() in FUNCTIONS:
        return f" Did you mean `{word.lower()}`?"
    if len(word) > 1 and all(letter in symbols for letter in word):
        return f" Did you mean `{'*'.join(word)}`?"
    return " (A product is written with *.)"


def _names(symbols: Any) -> str:
    return ", ".join(f"`{name}`" for name in (*symbols, "log", "exp", "sqrt", "abs", "sigma", "softplus"))


def _example(symbols: Any) -> str:
    return f'`"3*{next(iter(symbols), "2")} + 4"`'


def evaluate(tree: ast.expr, point: dict[str, Any]) -> Any:
    """The value at a point as an mpmath number; NaN where it is not a real number."""
    try:
        with mp.workdps(DIGITS):
            value = _value(tree, {name: mp.mpf(v.numerator) / v.denominator for name, v in point.items()})
            return mp.mpf(value) if mp.im(value) == 0 and mp.isfinite(value) else mp.nan
    except (ZeroDivisionError, OverflowError, ValueError, TypeError):
        return mp.nan


def _value(node: ast.expr, point: dict[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return mp.mpf(str(node.value))
    if isinstance(node, ast.Name):
        return point[node.id]
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, point)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)
        return FUNCTIONS[node.func.id](_value(node.args[0], point))
    assert isinstance(node, ast.BinOp)
    left, right = _value(node.left, point), _value(node.right, point)
    match node.op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Pow():
            if left == 0:
                return mp.mpf(0) ** right if abs(right) < 1e6 else mp.nan
            if abs(size := right * mp.log(abs(left))) > 1e6:
                return _exp(size)
            return left**right
    raise TypeError(node.op)


def close(a: Any, b: Any) -> bool:
    """Equal to nine digits, or both undefined."""
    if mp.isnan(a) or mp.isnan(b):
        return bool(mp.isnan(a) and mp.isnan(b))
    return bool(abs(a - b) <= AGREE * max(abs(a), abs(b)) + mp.mpf(10) ** -20)


@dataclass(kw_only=True, eq=False, repr=False)
class Formula(Exercise):
    """The answer is a formula.

    symbols:   name → (low, high), the range from which points are drawn.
    reference: a right answer, as text. mistakes: their answers are text too.
    """

    symbols: dict[str, tuple[float, float]]
    reference: str

    def _points(self, seed: int) -> list[dict[str, Fraction]]:
        rng = random.Random(f"{self.id} {seed}")
        return [{name: Fraction(round(1000 * low) + rng.randrange(1, round(1000 * (high - low))), 1000)
                 for name, (low, high) in self.symbols.items()} for _ in range(POINTS)]

    def _values(self, text: Any, seed: int) -> list[Any]:
        tree = parse(text, self.symbols)
        return [evaluate(tree, point) for point in self._points(seed)]

    def judge(self, *answer: Any, seed: int) -> str:
        if len(answer) != 1:
            raise Wrong("One formula, please.")
        right, yours = self._values(self.reference, seed), self._values(answer[0], seed)
        pairs = list(zip(self._points(seed), right, yours, strict=True))
        if all(close(r, y) for _, r, y in pairs):
            return ""
        if all(close(-r, y) for _, r, y in pairs):
            raise Wrong("It is right but for the sign.")
        point, r, y = next((p, r, y) for p, r, y in pairs if not close(r, y))
        at = ", ".join(f"{name} = {float(v):g}" for name, v in point.items())
        gives = "is not a real number" if mp.isnan(y) else f"gives {mp.nstr(y, 6)}"
        nearly = " That is close: did you round a number? Write `log(2)` rather than 0.693." \
            if all(not mp.isnan(y) and abs(r - y) < 1e-3 * abs(r) for _, r, y in pairs) else ""
        ratios = [y / r for _, r, y in pairs if r != 0 and not mp.isnan(y)]
        away = [y - r for _, r, y in pairs if not mp.isnan(y)]
        factor = ""
        if not nearly and len(ratios) == len(away) == POINTS and y != 0:
            if all(close(x, ratios[0]) for x in ratios):
                factor = f" Yours is {mp.nstr(ratios[0], 6)} times the right one everywhere."
            elif all(abs(x - away[0]) < 1e-9 for x in away):
                factor = f" Yours is the right one plus {mp.nstr(away[0], 6)} everywhere: leave that out."
        raise Wrong(f"Test it at one point: for {at} the right formula gives {mp.nstr(r, 6)}, yours "
                    f"(`{ast.unparse(parse(answer[0], self.symbols))}`) {gives}.{factor}{nearly}")

    def recognise(self, *answer: Any, seed: int) -> Mistake | None:
        yours = self._values(answer[0], seed)
        for mistake in self.mistakes:
            if all(map(close, yours, self._values(mistake.answer, seed))):
                return mistake
        return None

    @property
    def stub(self) -> str:
        return f"ex.{self.id}.check(...)      # a formula in {', '.join(self.symbols)}, in quotes"

    @property
    def solved(self) -> str:
        return f'ex.{self.id}.check("{self.reference}")'

    @property
    def solution(self) -> str:
        return f"`{self.reference}`\n\n{self.explanation}"


@dataclass(kw_only=True, eq=False, repr=False)
class Number(Exercise):
    """The answer is a number, computed from parameters that are drawn for each reader and round.

    draw:      name → the values it may take; every reader gets their own.
    reference: the answer as a formula in these names, and so are the mistakes' answers.
    tolerance: relative error that is forgiven.
    """

    reference: str
    draw: dict[str, tuple[float, ...]] = field(default_factory=dict)
    tolerance: float = 0.01

    def parameters(self, reader: int, round_: int) -> dict[str, Fraction]:
        """What this reader is given in this round; others in the next, until all have been there."""
        all_ = list(itertools.product(*self.draw.values()))
        random.Random(f"{self.id} {reader}").shuffle(all_)  # a string seeds it alike in every version of Python
        return {name: Fraction(str(v)) for name, v in zip(self.draw, all_[round_ % len(all_)], strict=True)}

    @property
    def current(self) -> dict[str, Fraction]:
        return self.parameters(PROGRESS.reader, PROGRESS.entry(self.key)["round"]) if self.draw else {}

    @property
    def given(self) -> str:
        if not self.draw:
            return ""
        return "Your numbers: " + ", ".join(f"{name} = {float(v):g}" for name, v in self.current.items()) + "."

    def value(self, formula: Any, parameters: dict[str, Fraction]) -> Any:
        return evaluate(parse(formula, self.draw), parameters)

    def _near(self, a: Any, b: Any) -> bool:
        return bool(abs(a - b) <= self.tolerance * max(abs(b), mp.mpf("1e-9")))

    def _cases(self, answer: Any) -> list[dict[str, Fraction]]:
        """The parameters at which an answer is tried: a number at this reader's, a formula at several readers' too."""
        tree = parse(answer, self.draw)
        formula = any(isinstance(node, ast.Name) and node.id in self.draw for node in ast.walk(tree))
        return [self.current, *(self.parameters(reader, 0) for reader in range(8 if formula else 0))]

    def judge(self, *answer: Any, seed: int) -> str:
        if len(answer) != 1:
            raise Wrong("One number, please.")
        cases = self._cases(answer[0])
        if len(cases) > 1 and PROGRESS.entry(self.key)["solution_seen"]:
            raise Wrong(f"You have seen the formula. Now compute the number. {self.given}")
        pairs = [(self.value(answer[0], case), self.value(self.reference, case)) for case in cases]
        if any(mp.isnan(yours) for yours, _ in pairs):
            raise Wrong("That is not a real number.")
        if not all(self._near(yours, right) for yours, right in pairs):
            sign = " (It is right but for the sign.)" if all(self._near(-y, r) for y, r in pairs) else ""
            off = f"{mp.nstr(pairs[0][0], 6)} is more than {100 * self.tolerance:g} % off."
            raise Wrong(f"{off}{sign} {self.given}".rstrip())
        return ""

    def recognise(self, *answer: Any, seed: int) -> Mistake | None:
        cases = self._cases(answer[0])
        yours = [self.value(answer[0], case) for case in cases]
        found = []
        for mistake in self.mistakes:
            theirs = [self.value(mistake.answer, case) for case in cases]
            if all(self._near(y, t) for y, t in zip(yours, theirs, strict=True)):
                found.append((abs(yours[0] - theirs[0]), mistake))
        return min(found, key=lambda pair: pair[0])[1] if found else None

    def new(self) -> None:
        if not self.draw:
            super().new()
            return
        PROGRESS.update(self.key, round=PROGRESS.entry(self.key)["round"] + 1)
        self.ask()

    def _after_solution(self) -> str:
        if not self.draw:
            return ""
        PROGRESS.update(self.key, round=PROGRESS.entry(self.key)["round"] + 1)
        return f"\n\nNow with other numbers, so that the next answer is yours. {self.given}"

    @property
    def stub(self) -> str:
        to = f"to {100 * self.tolerance:g} %"
        if not self.draw:
            return f"ex.{self.id}.check(...)      # a number, or arithmetic in quotes; {to}"
        names = ", ".join(self.draw)
        return f"# Run it as it is to see your {names}; then put a number, {to}.\nex.{self.id}.check(...)"

    @property
    def solved(self) -> str:
        return f"ex.{self.id}.check({float(self.value(self.reference, self.current)):.6g})"

    @property
    def solution(self) -> str:
        return f"`{self.reference}`\n\n{self.explanation}"
