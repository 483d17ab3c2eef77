"""Figures to play with: one HTML output that needs no kernel, no network and no library.

The output is a `<figure>` with a picture and, over it, a sandboxed frame that holds the whole program. Where frames or
scripts are not allowed (a notebook not trusted, JavaScript off, a viewer of files) the picture and its text remain.
There is no build: the sources in `js/` are joined as they are, without their comments and indentation.
"""

import base64
import html
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

from ganlib.figures.plots import STYLE

SOURCES = Path(__file__).parent / "js"
IMPORT = re.compile(r'^import \{ [\w, ]+ \} from "\./(\w+)\.js";$', re.MULTILINE)
ID = re.compile(r"[a-z][a-z0-9-]*")


def modules(name: str) -> list[str]:
    """The module ``js/<name>.js`` and all that it imports, each after those it needs."""
    found: list[str] = []

    def visit(module: str) -> None:
        for needed in IMPORT.findall((SOURCES / f"{module}.js").read_text(encoding="utf-8")):
            if needed not in found:
                visit(needed)
        found.append(module)

    visit(name)
    return found


def script(name: str, expose: bool = False) -> str:
    """The program ``js/<name>.js`` with all it imports, as one classic script.

    expose: leave the names where a test can call them instead of inside a function.
    """
    text = "\n".join((SOURCES / f"{module}.js").read_text(encoding="utf-8") for module in modules(name))
    lines = (re.sub("^export ", "", line.strip()) for line in text.splitlines())
    text = "\n".join(line for line in lines if line and not line.startswith("//") and not IMPORT.match(line))
    if '"{{kernel.wasm}}"' in text:
        kernel = base64.b64encode((SOURCES / "kernel.wasm").read_bytes()).decode()
        text = text.replace("{{kernel.wasm}}", kernel)
    return f'"use strict";\n{text}' if expose else f'"use strict";(()=>{{\n{text}\n}})();'


def document(name: str, title: str, config: Mapping[str, Any]) -> str:
    """The page inside the frame."""
    style = " ".join((SOURCES / "page.css").read_text(encoding="utf-8").split())
    data = json.dumps(config, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return (f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width"><style>{style}</style></head>'
            f'<body><div id="figure"></div><script type="application/json" id="config">{data}</script>'
            f"<script>{script(name)}</script></body></html>")


def output(module: str, config: Mapping[str, Any], *, title: str, alt: str, picture: str, id: str,
           heights: tuple[int, int]) -> str:
    """The whole output, one `<figure>`. picture: PNG in base64; the rest is `Live`'s."""
    wide, narrow = heights
    # Below 640 px the second height, without a style sheet: the clamp jumps from one of its ends to the other.
    height = f"clamp({wide}px,calc((640px - 100cqw)*1000),{narrow}px)"
    page = html.escape(document(module, title, config), quote=True)
    return (f'<figure class="live" id="{id}" data-program="{module}" '
            'style="display:grid;container-type:inline-size;margin:1em 0">'
            f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{picture}" '
            'style="grid-area:1/1;align-self:start;max-width:100%">'
            f'<iframe title="{html.escape(title)}" sandbox="allow-scripts" loading="lazy" '
            f'style="grid-area:1/1;position:relative;width:100%;border:0;height:{height}" srcdoc="{page}">'
            "</iframe></figure>")


def renewed(text: str) -> str:
    """A stored `output` with the programs of now and its own settings and data: what a new run would store."""
    def part(pattern: str) -> str:
        if (found := re.search(pattern, text)) is None:
            raise ValueError(f"renewed: text must be the output of a live figure, found no {pattern}")
        return html.unescape(found[1])

    config = json.loads(part(' srcdoc="([^"]*)"').split('id="config">')[1].split("</script>")[0])
    return output(part('data-program="([^"]*)"'), config, title=part('<iframe title="([^"]*)"'),
                  alt=part('<img alt="([^"]*)"'), picture=part('base64,([^"]*)"'), id=part('id="([^"]*)"'),
                  heights=(int(part(r"clamp\((\d+)px")), int(part(r"(\d+)px\)\""))))


class Live:
    """A figure that shows itself as the last expression of a cell.

    module:  its program, ``js/<module>.js``.
    config:  what the program starts from, JSON.
    title:   a name for screen readers; alt: what the picture shows, one or two sentences.
    picture: a Matplotlib figure, closed here, for where the program cannot run.
    id:      unique on its page: links to a state of the figure begin with it.
    heights: of the frame in pixels on a wide and on a narrow screen, where the page around does not set it.
    """

    def __init__(self, module: str, config: Mapping[str, Any], *, title: str, alt: str, picture: Figure,
                 id: str, heights: tuple[int, int]):
        if not isinstance(id, str) or not ID.fullmatch(id):
            plt.close(picture)
            raise ValueError(f"{module}: id must be small letters, digits and hyphens, such as 'lab-1', got {id!r}")
        self.module, self.config, self.title, self.alt, self.id, self.heights = module, config, title, alt, id, heights
        with plt.style.context(STYLE):
            drawn = io.BytesIO()
            picture.savefig(drawn, format="png")
        plt.close(picture)
        small = io.BytesIO()
        few = Image.open(drawn).convert("RGB").quantize(64, method=Image.Quantize.FASTOCTREE)  # a third of the bytes
        few.save(small, "png", optimize=True)
        self.picture = small.getvalue()

    def __repr__(self) -> str:
        return self.alt

    @property
    def html(self) -> str:
        """The whole output, one `<figure>`."""
        return output(self.module, self.config, title=self.title, alt=self.alt, id=self.id, heights=self.heights,
                      picture=base64.b64encode(self.picture).decode())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.alt}
