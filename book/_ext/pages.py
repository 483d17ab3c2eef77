"""Small things: labels "Author et al., year" in the bibliography, a description for every page, a list as lists are."""

from pybtex.plugin import register_plugin
from pybtex.style.formatting.plain import Style
from pybtex.style.labels import BaseLabelStyle

GENERATED = {"genindex": "Index of terms and names.", "search": "Search the book.", "py-modindex": "Index of modules.",
             "_modules/index": "The source code of ganlib, module by module."}


class AuthorYear(BaseLabelStyle):
    def format_labels(self, entries):
        for entry in entries:
            names = [" ".join(person.prelast_names + person.last_names) for person in entry.persons["author"]]
            who = names[0] + (" et al." if len(names) > 2 else f" & {names[1]}" if len(names) == 2 else "")
            yield f"{who}, {entry.fields['year']}"


class BookStyle(Style):
    default_label_style = AuthorYear


def describe(app, pagename, templatename, context, doctree):
    """Pages that Sphinx makes by itself have no description of their own."""
    if 'name="description"' in context.get("metatags", ""):
        return
    text = GENERATED.get(pagename)
    if pagename.startswith("_modules/") and text is None:
        text = f"Source code of {pagename.removeprefix('_modules/').replace('/', '.')}."
    if text:
        context["metatags"] = context.get("metatags", "") + f'\n<meta name="description" content="{text}" />\n'


def nest(app, pagename, templatename, context, doctree):
    """Sphinx puts the list of a module's parts beside the module's item instead of into it; browsers forgive it,
    screen readers do not."""
    if pagename == "_modules/index":
        head, *inner = context["body"].split("</li>\n<ul>")
        context["body"] = head + "".join("\n<ul>" + part.replace("</ul>", "</ul></li>", 1) for part in inner)


def setup(app):
    register_plugin("pybtex.style.formatting", "book", BookStyle, force=True)
    app.connect("html-page-context", describe)
    app.connect("html-page-context", nest)
    return {"parallel_read_safe": True}
