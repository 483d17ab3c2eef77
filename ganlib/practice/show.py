"""Text for people: Markdown in a notebook, plain text elsewhere. Nothing here needs a widget or a network."""

import re
import sys


class Text:
    """Markdown with a plain twin. (Colab typesets formulas in Markdown outputs, not in HTML ones.)"""

    def __init__(self, markdown: str):
        self.markdown = markdown

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __repr__(self) -> str:
        code = re.compile(r"(```.*?```|`[^`]*`)", re.DOTALL)  # in code ** is a power
        return "".join(part if part.startswith("`") else re.sub(r"\*\*(.+?)\*\*", r"\1", part)
                       for part in code.split(self.markdown))


def show(markdown: str) -> None:
    """Display at once, so that it is seen even if the call is not the cell's last line."""
    if "IPython" in sys.modules:
        from IPython import get_ipython
        from IPython.display import display

        if get_ipython() is not None:
            display(Text(markdown))
            return
    print(Text(markdown))
