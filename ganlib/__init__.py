"""ganlib: the models and the training loop of the book, small enough to read in an afternoon.

From the ground up (a module imports only from those before it): ``theory`` (exact things, no networks),
``data``, ``networks``, ``losses`` and ``penalties``, ``games``, ``training``, ``metrics`` and ``diagnostics``,
``figures``, ``practice``. Two helpers stand at the top because every notebook uses them: `setup` and `claim`.
"""

from ganlib.notebook import ClaimError, claim, setup

__all__ = ["ClaimError", "claim", "setup"]
__version__ = "0.1.0"
