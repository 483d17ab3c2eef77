"""What every notebook starts with: `setup`, and the check behind every statement of the book: `claim`."""

import re
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

REQUIRED = {"torch": "2.11", "numpy": "2.0", "scipy": "1.13", "sympy": "1.13", "matplotlib": "3.10"}


class ClaimError(AssertionError):
    """A statement of the book did not hold when it was run."""


def claim(text: str, holds: Any) -> None:
    """Print ``✓ text`` if the statement holds, raise `ClaimError` if it does not.

    text:  the statement in words; for a numbered one it begins with its name, "Theorem 2.1: …".
    holds: the condition, one boolean (Python, NumPy or a one-element tensor).

    Errors: `ClaimError` if ``holds`` is false; `TypeError` if it is not a single boolean, because
    ``claim("…", [False])`` would otherwise pass.
    """
    if not isinstance(text, str) or not text.strip():
        raise TypeError(f"claim: text must be a non-empty string, got {text!r}")
    value: Any = holds
    if type(holds).__name__ in ("BooleanTrue", "BooleanFalse"):  # SymPy's, which are not bool
        value = bool(holds)
    elif hasattr(holds, "item") and hasattr(holds, "reshape") and len(holds.reshape(-1)) == 1:
        value = holds.item()  # one element, NumPy's or torch's
    if not isinstance(value, bool):
        raise TypeError(f"claim: holds must be one boolean, got {type(holds).__name__}: {holds!r:.80}")
    if not value:
        raise ClaimError(f"✗ {text}")
    print(f"✓ {text}")


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", version.split("+")[0])[:2])


def setup() -> None:
    """Check that what the notebooks import is there and recent enough, set torch's seed and the plotting style.

    Errors: `ImportError` that lists every missing or too old package and says what to do.
    """
    wrong = []
    for package, least in REQUIRED.items():
        if find_spec(package) is None:
            wrong.append(f"  {package} is missing (the book needs {least} or newer)")
        elif _release(found := metadata.version(package)) < _release(least):
            wrong.append(f"  {package} is {found}, the book needs {least} or newer")
    if wrong:
        raise ImportError("ganlib cannot start:\n" + "\n".join(wrong)
                          + "\nInstall them with pip, restart the kernel and run this cell again.")
    import torch
    from matplotlib import pyplot

    torch.manual_seed(0)
    pyplot.style.use(Path(__file__).parent / "book.mplstyle")
    print("ganlib is ready.")
