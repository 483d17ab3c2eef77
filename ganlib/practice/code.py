"""Code as answers: a function is tried on random inputs and must do what the reference does, gradients included."""

import ast
import inspect
import re
import textwrap
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ganlib.practice.exercise import Exercise, Failed, Mistake, Untouched, Wrong


class Case(NamedTuple):
    """One set of arguments to try a function on."""

    what: str  # in words: "200 random logits", "logits of ±300"
    arguments: tuple[Any, ...]


class Outcome(NamedTuple):
    """What a function did with the arguments of one case."""

    values: list[Any]  # numbers, tensors, words, in order
    names: list[str]  # what each value is, "" if there is nothing to tell apart
    form: Any  # "one", the number of values, or the keys of a dict
    gradients: dict[str, Tensor]  # by argument or network parameter


def logits(rows: int, seed: int, scale: float = 3.0, dtype: torch.dtype = torch.float64) -> Tensor:
    """Random logits (rows, 1) that want a gradient."""
    generator = torch.Generator().manual_seed(seed)
    return (scale * torch.randn(rows, 1, generator=generator, dtype=torch.float64)).to(dtype).requires_grad_()


def logit_cases(seed: int) -> list[Case]:
    """For losses of (real_logits, fake_logits): random, unequal numbers of rows, and ±300."""
    ends = torch.tensor([[-300.0], [300.0]])
    return [Case("random logits", (logits(40, 3 * seed), logits(40, 3 * seed + 1, 1.5))),
            Case("unequal numbers of samples", (logits(7, 3 * seed + 2), logits(30, 3 * seed + 3))),
            Case("logits of ±300", (ends.clone().requires_grad_(), ends.clone().requires_grad_()))]


def fake_logit_cases(seed: int) -> list[Case]:
    """For losses of (fake_logits) alone."""
    return [Case(case.what, case.arguments[1:]) for case in logit_cases(seed)]


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Each value inside lists and dicts, with the key under which it stands."""
    if isinstance(value, (tuple, list)):
        for part in value:
            yield from _flat(part, name)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _flat(part, name or str(key))
    elif isinstance(value, np.ndarray):
        yield name, torch.from_numpy(value.copy()) if value.dtype.kind in "fiub" else value.tolist()
    else:
        yield name, value


def _form(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(map(str, value))
    return len(value) if isinstance(value, (tuple, list)) else "one"


def _in_words(form: Any) -> str:
    if isinstance(form, tuple):
        return f"a dict with the keys {', '.join(form)}"
    return "one value" if form in ("one", 1) else f"{form} values"


def _leaves(names: list[str], arguments: tuple[Any, ...]) -> dict[str, Tensor]:
    """Every tensor that wants a gradient, by name."""
    found: dict[str, Tensor] = {}
    for name, argument in zip(names, arguments, strict=False):
        if isinstance(argument, nn.Module):
            found |= {f"the {name}'s {key}": p for key, p in argument.named_parameters()}
        elif isinstance(argument, Tensor) and argument.requires_grad:
            found[name] = argument
    return found


def _describe(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, (int, float, np.number)):
        return "a number of NumPy's" if isinstance(value, np.number) else "a Python number"
    return f"a {type(value).__name__}"


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        if not (isinstance(a, Tensor) and isinstance(b, Tensor)) or a.shape != b.shape:
            return False
        single = torch.float32 in (a.dtype, b.dtype)
        return torch.allclose(a.detach().double(), b.detach().double(), rtol=1e-4 if single else 1e-6,
                              atol=1e-6 if single else 1e-9, equal_nan=True)
    if isinstance(a, (int, float, np.number)) and isinstance(b, (int, float, np.number)):
        return bool(np.isclose(float(a), float(b), rtol=1e-6, atol=1e-9, equal_nan=True))
    return type(a) is type(b) and a == b


def _say(value: Any) -> str:
    if isinstance(value, Tensor) and value.numel() > 4:
        return f"values from {float(value.min()):.5g} to {float(value.max()):.5g}"
    if isinstance(value, Tensor):
        return ", ".join(f"{v:.6g}" for v in value.detach().double().flatten().tolist())
    return f"{value:.6g}" if isinstance(value, (float, np.floating)) else repr(value)[:60]


def _differ(yours: Any, right: Any) -> str:
    """Both in words; of a large tensor, the entry in which the two differ most."""
    if not (isinstance(right, Tensor) and right.numel() > 4):
        return f"{_say(yours)}, expected {_say(right)}"
    a, b = yours.detach().double().flatten(), right.detach().double().flatten()
    worst = int((a - b).abs().argmax())
    place = ", ".join(str(int(i)) for i in np.unravel_index(worst, tuple(right.shape)))
    return f"{float(a[worst]):.6g} in entry [{place}], expected {float(b[worst]):.6g}"


@dataclass(kw_only=True, eq=False, repr=False)
class Code(Exercise):
    """The answer is a function that does what ``reference`` does.

    reference: a function with the exercise's id as its name; its source is the solution.
    doc:       the stub's docstring; a line ``return ...`` follows it, which tells the untouched stub.
    inputs:    seed → the cases to try it on; the same seed gives equal, fresh arguments.
    observe:   (arguments, returned value) → what is compared; by default what the function returns. The keys of a dict
               say what the values are.
    needs:     import lines that the answer may want; the practice notebook begins with them.
    mistakes:  their answers are functions too.
    """

    reference: Callable[..., Any]
    doc: str
    inputs: Callable[[int], list[Case]]
    observe: Callable[[tuple[Any, ...], Any], Any] = lambda arguments, returned: returned
    needs: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reference.__name__ != self.id:
            raise ValueError(f"Code: reference must be a function named {self.id}, got {self.reference.__name__}")

    @property
    def parameters(self) -> list[str]:
        return list(inspect.signature(self.reference).parameters)

    def run(self, function: Callable[..., Any], case: Case, seed: int) -> Outcome:
        """Call the function on one case and differentiate what it gave. What it raises is raised."""
        with torch.random.fork_rng(), torch.enable_grad():
            torch.manual_seed(seed)
            returned = function(*case.arguments)
            if returned is ...:
                raise Untouched
            leaves = _leaves(self.parameters, case.arguments)  # before `observe` hands out parameters as results
            observed = self.observe(case.arguments, returned)
            names, values = zip(*_flat(observed), strict=True) if _form(observed) not in (0, ()) else ((), ())
            generator = torch.Generator().manual_seed(0)
            total: Any = None
            for value in values:
                if isinstance(value, Tensor) and value.is_floating_point() and value.grad_fn is not None:
                    weight = torch.randn(value.shape, generator=generator, dtype=torch.float64).to(value.dtype)
                    total = (value * weight).sum() if total is None else total + (value * weight).sum()
            gradients = {name: torch.zeros_like(leaf) for name, leaf in leaves.items()}
            if total is not None and leaves:
                found = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
                gradients |= {name: g for name, g in zip(leaves, found, strict=True) if g is not None}
            return Outcome([v.detach() if isinstance(v, Tensor) else v for v in values], list(names), _form(observed),
                           gradients)

    def judge(self, *answer: Any, seed: int) -> str:
        function = answer[0]
        call = f"{self.id}({', '.join(self.parameters)})"
        if len(answer) != 1 or not callable(function) or isinstance(function, (nn.Module, type)):
            raise Wrong(f"Give me the function itself, without calling it: `ex.{self.id}.check({self.id})`. "
                        f"This is a {type(function).__name__}.")
        for case, same in zip(self.inputs(seed), self.inputs(seed), strict=True):
            expected = self.run(self.reference, same, seed)
            try:
                outcome = self.run(function, case, seed)
            except Untouched:
                raise
            except (Exception, SystemExit) as error:
                raise Failed(self._trace(error, function, call, case)) from None
            self._compare(outcome, expected, case, seed)
        return ""

    def _compare(self, outcome: Outcome, expected: Outcome, case: Case, seed: int) -> None:
        name = f"`{self.id}`"
        if len(outcome.values) == 1 and outcome.values[0] is None and expected.values[0] is not None:
            raise Wrong(f"{name} returns None. Is the `return` missing?")
        if outcome.form != expected.form or len(outcome.values) != len(expected.values):
            listed = outcome.form == 1 and expected.form == "one"
            raise Wrong(f"{name} returns {'a list of ' * listed}{_in_words(outcome.form)}, it should return "
                        f"{_in_words(expected.form)}.")
        triples = zip(expected.names, outcome.values, expected.values, strict=True)
        for at, (what, yours, right) in enumerate(triples):
            if isinstance(right, Tensor) and not isinstance(yours, Tensor):
                why = ", otherwise nothing can be trained with it" if expected.gradients else ""
                raise Wrong(f"{name} returns {_describe(yours)}; it must return a tensor (no `.item()`, no `float()`)"
                            f"{why}.")
            if isinstance(right, Tensor) and yours.shape != right.shape:
                hint = ("" if right.dim() else " (one number: is the mean missing?)" if yours.numel() > 1 else
                        " (one number without a dimension: take the mean over everything, or `.squeeze()` it)")
                raise Wrong(f"{name} returns {_describe(yours)}, expected shape {tuple(right.shape)}{hint}.")
            if not isinstance(right, Tensor) and type(yours) is not type(right) and not (
                    isinstance(yours, (int, float, np.number)) and isinstance(right, (int, float, np.number))
                    and not isinstance(yours, bool)):
                raise Wrong(f"{name} returns {_describe(yours)}, expected {_describe(right)}.")
            if _equal(yours, right):
                continue
            if isinstance(yours, Tensor) and not bool(torch.isfinite(yours).all()):
                raise Wrong(f"For {case.what} {name} gives inf or nan, where {_say(right)} is right.")
            if what:
                raise Wrong(f"For {case.what}, {what} should have {_say(right)} after {name}, it has {_say(yours)}.")
            which = f" (value {at + 1} of {len(expected.values)})" if len(expected.values) > 1 else ""
            raise Wrong(f"For {case.what} (seed {seed}) {name} gives {_differ(yours, right)}{which}.")
        for leaf, right in expected.gradients.items():
            yours = outcome.gradients[leaf]
            if not _equal(yours, right):
                why = ("there is none: is something detached, or computed under `no_grad`?" if not bool(yours.any())
                       else "it is inf or nan." if not bool(torch.isfinite(yours).all())
                       else "it should be zero here." if not bool(right.any()) else "it is another one.")
                raise Wrong(f"For {case.what} the value is right, but not its gradient by {leaf}: {why}")

    def _trace(self, error: BaseException, function: Any, call: str, case: Case) -> str:
        text = f"{type(error).__name__}: {str(error)[:300]}"
        if isinstance(error, TypeError) and "argument" in str(error):
            text += f"\n\nI call it as `{call}`."
        file = getattr(getattr(function, "__code__", None), "co_filename", None)
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file and f.line]
        line = f" in the line `{frames[-1].line}`" if frames else ""
        return f"For {case.what}{line}: {text}"

    def agrees(self, answer: Callable[..., Any], other: Callable[..., Any], seed: int) -> bool:
        """Do the two do the same on every case? Raising the same kind of error counts as the same."""
        for first, second in zip(self.inputs(seed), self.inputs(seed), strict=True):
            outcomes: list[Any] = []
            for function, case in ((answer, first), (other, second)):
                try:
                    outcomes.append(self.run(function, case, seed))
                except (Exception, SystemExit) as error:
                    outcomes.append(type(error))
            a, b = outcomes
            if isinstance(a, type) or isinstance(b, type):
                if a is not b:
                    return False
            elif not (len(a.values) == len(b.values) and all(map(_equal, a.values, b.values))
                      and all(_equal(a.gradients[leaf], b.gradients[leaf]) for leaf in b.gradients)):
                return False
        return True

    def recognise(self, *answer: Any, seed: int) -> Mistake | None:
        if not callable(answer[0]):
            return None
        return next((m for m in self.mistakes
                     if all(self.agrees(answer[0], m.answer, s) for s in (seed, seed + 1, seed + 2))), None)

    @property
    def source(self) -> str:
        """The reference as text."""
        return textwrap.dedent(inspect.getsource(self.reference)).strip()

    @property
    def stub(self) -> str:
        first = ast.parse(self.source).body[0]
        assert isinstance(first, ast.FunctionDef)
        head = "\n".join(self.source.splitlines()[: first.body[0].lineno - 1])
        doc = textwrap.indent("\n".join(textwrap.wrap(f'"""{self.doc}"""', 86)), "    ")
        return f"{head}\n{doc}\n    return ...\n\n\nex.{self.id}.check({self.id})"

    @property
    def solved(self) -> str:
        return f"{self.source}\n\n\nex.{self.id}.check({self.id})"

    @property
    def solution(self) -> str:
        return f"\n\n```python\n{re.sub(r'  # noqa.*', '', self.source)}\n```\n\n{self.explanation}"
