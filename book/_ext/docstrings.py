"""ganlib's docstrings are plain text; this turns them into reStructuredText for the API page.

The house style: paragraphs apart by blank lines; "name: what it is" for an argument, continued by indented lines;
`name` and ``code``; an indented paragraph or one with >>> is code. All other characters are just text: a ‖w‖², an |x|
or an x* must not become markup.
"""

import itertools
import re

CODE = re.compile(r"(``.+?``|`[^`]+`)")
ARGUMENT = re.compile(r"((?:\*{0,2}\w+(?:, )?)+):\s+(.+)")
HEADINGS = {"error": "Errors", "errors": "Errors", "raises": "Errors", "source": "Source", "sources": "Source",
            "returns": "Returns", "example": "Example"}


def escape(text):
    """Code as literals, every other special character made harmless."""
    plain, code = (lambda part: re.sub(r"([\\*`|_])", r"\\\1", part)), (lambda part: f"\\ ``{part.strip('`')}``\\ ")
    return "".join(code(part) if CODE.fullmatch(part) else plain(part) for part in CODE.split(text)).strip()


def items(block):
    """The block's lines joined into its items: arguments and list points with what continues them, or one paragraph."""
    found = []
    for line in block:
        argument = ARGUMENT.fullmatch(line) and (not found or ARGUMENT.fullmatch(found[-1]))
        if not found or argument or re.match(r"[-*•] |\d+\. ", line):
            found.append(line.strip())
        else:
            found[-1] += " " + line.strip()
    return found


def translate(lines):
    """The docstring's lines as reStructuredText lines."""
    out = []
    for filled, block in itertools.groupby(lines, key=lambda line: bool(line.strip())):
        block = list(block)
        if not filled:
            continue
        if all(line.startswith("    ") for line in block) or block[0].lstrip().startswith(">>>"):
            out += ["::", "", *("   " + line for line in block), ""]
            continue
        for item in items(block):
            argument, point = ARGUMENT.fullmatch(item), re.fullmatch(r"(?:[-*•]|\d+\.) (.+)", item)
            if argument and argument[1].lower() in HEADINGS:
                out += ["", f"**{HEADINGS[argument[1].lower()]}:** {escape(argument[2])}", ""]
            elif argument:
                out += [", ".join(f"``{name}``" for name in argument[1].split(", ")), "   " + escape(argument[2])]
            else:
                out.append(f"- {escape(point[1])}" if point else escape(item))
        out.append("")
    return out


def process(app, what, name, obj, options, lines):
    if name.startswith("ganlib"):
        lines[:] = translate(lines)


def skip(app, what, name, obj, skipped, options):
    """The fields of a NamedTuple are described in its docstring; Python's own words for them say nothing."""
    return True if (getattr(obj, "__doc__", None) or "").startswith("Alias for field number") else None


def setup(app):
    app.connect("autodoc-skip-member", skip)
    app.connect("autodoc-process-docstring", process)
    return {"parallel_read_safe": True}
