"""Live figures in pages of a real browser: which figures, pages around them, and what is looked at inside a frame.

Functions that look return a list of findings in words; none is good.
"""

import importlib
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Page

from ganlib.figures import live, new
from ganlib.figures.live import Live

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "book"))

from examine import COLOUR_RULES, OTHER_RULES, watch  # noqa: E402
from examine import axe as axe_findings  # noqa: E402

COMPANION = ROOT / "book" / "_static"


def figures_to_test() -> dict[str, Callable[[], Live]]:
    """One figure of each kind, made only when asked for: a new one is a new line."""
    def made(name: str, **given: Callable[[], Any]) -> Callable[[], Live]:
        def make() -> Live:
            function = getattr(importlib.import_module(f"ganlib.figures.{name}"), name)
            return function(**{argument: value() for argument, value in given.items()})
        return make

    return {
        "toy": toy,
        "lab": made("lab"),
        "dirac": made("dirac"),
        "saturation": made("saturation"),
        "by_hand": made("by_hand"),
        "player": made("player", history=recorded),
        "latent": made("latent", generator=untrained),
    }


def recorded() -> Any:
    """A short run with its pictures."""
    from ganlib import data
    from ganlib.figures.recorder import recorder
    from ganlib.games import Game
    from ganlib.networks import MLP
    from ganlib.training import train

    ring = data.ring()
    return train(Game(MLP(2, 16, 2), MLP(2, 16, 1), latent=2), ring, steps=100, batch=64, probe_every=2,
                 probes=recorder(ring, points=64, map_points=16), device="cpu", progress=False)


def untrained() -> Any:
    """A generator with all that the figure can show, styles too; the pictures do not matter here."""
    from ganlib.networks.stylegan import StyleGenerator

    return StyleGenerator()


class Toy(Live):
    """tests/figures/toy.js with the kit as it is; `config` may hold question, answer, and fails."""

    folder: tempfile.TemporaryDirectory

    def __init__(self, sources: Path, config: dict | None = None, id: str = "toy"):
        figure, axes = new()
        axes.plot([0, 1], [0, 1])
        self.sources = sources
        super().__init__("toy", {"question": "Where is it after 31 steps?", "answer": "Opposite.", **(config or {})},
                         title="A point that goes round", alt="A point on a circle, and its height against time.",
                         picture=figure, id=id, heights=(760, 1130))

    @property
    def html(self) -> str:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(live, "SOURCES", self.sources)
            return super().html


def toy_sources(folder: Path) -> Path:
    """A copy of the kit with the toy beside it."""
    shutil.copytree(live.SOURCES, folder, dirs_exist_ok=True)
    shutil.copy(Path(__file__).with_name("toy.js"), folder)
    return folder


def toy() -> Live:
    folder = tempfile.TemporaryDirectory(prefix="toy-")   # goes with the figure
    figure = Toy(toy_sources(Path(folder.name)))
    figure.folder = folder
    return figure


# Installed in every frame before its scripts: counts what must not happen.
COUNT = """(() => {
  window.counted = { frames: 0, draws: [] };
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (f) => { counted.frames++; return ask(f); };
  // When something was drawn; all that is drawn in one go counts once.
  let drawing = false;
  const drawn = () => {
    if (drawing) return;
    drawing = true;
    counted.draws.push(performance.now());
    setTimeout(() => { drawing = false; }, 0);
  };
  const context = CanvasRenderingContext2D.prototype;
  for (const name of ["fillRect", "clearRect", "fill", "stroke", "drawImage", "putImageData", "fillText"]) {
    const original = context[name];
    context[name] = function (...given) {
      if (this.canvas.isConnected) drawn();
      return original.apply(this, given);
    };
  }
})();"""

# What a screen reader is told without being asked: text that changes where changes are announced.
LISTEN = """() => {
  if (window.said) return;
  window.said = [];
  const polite = { status: "polite", log: "polite", alert: "assertive" };
  const announced = (node) => {
    let e = node.nodeType === 1 ? node : node.parentElement;
    if (!e || e.closest("[aria-hidden=true]")) return null;
    for (; e; e = e.parentElement) {
      const role = e.getAttribute("role") || (e.tagName === "OUTPUT" ? "status" : "");
      const live = e.getAttribute("aria-live") || polite[role];
      if (live) return live === "off" ? null : e;
    }
    return null;
  };
  new MutationObserver((list) => {
    const places = new Set(list.map((m) => announced(m.target)).filter(Boolean));
    places.forEach((place) => said.push(place.textContent.trim()));
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""

TABBABLE = """() => [...document.querySelectorAll(
  'a[href], button, select, input, textarea, summary, [tabindex]')].filter((e) =>
    e.tabIndex >= 0 && !e.disabled && e.checkVisibility({ visibilityProperty: true }))"""
FOCUSED = f"""() => {{
  const e = document.activeElement, style = getComputedStyle(e);
  return {{ at: ({TABBABLE})().indexOf(e), inside: document.hasFocus(), name: e.outerHTML.slice(0, 100),
    ring: e.matches(":focus-visible") && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 }};
}}"""

SIDEWAYS = """() => {
  const found = [], width = document.documentElement.clientWidth, page = document.scrollingElement;
  if (page.scrollWidth > page.clientWidth) found.push(`scrolls sideways: ${page.scrollWidth} > ${page.clientWidth}`);
  document.querySelectorAll("body *").forEach((e) => {
    const box = e.getBoundingClientRect();
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
      if (["auto", "scroll"].includes(getComputedStyle(p).overflowX)) return;
    if (box.width > 1 && box.right > width + 1) found.push(
      `sticks out: ${Math.round(box.right)} > ${width}: ${e.outerHTML.slice(0, 80)}`);
  });
  return found;
}"""

PIXELS = "() => [...document.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL())"


def page_of(*figures: str, head: str = "", after: str = '<div style="height:3000px"></div>') -> str:
    """A page with figures between two buttons, for the Tab key to come from and go to."""
    return ('<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>'
            f'<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">{head}</head><body>'
            f'<main class="bd-content"><article class="bd-article"><h1>Figures</h1><button id="before">before</button>'
            f'{"".join(figures)}<button id="after">after</button></article></main>{after}</body></html>')


BOOK = ('<script>document.documentElement.dataset.theme = "light"</script><script src="companion.js"></script>'
        '<link rel="stylesheet" href="companion.css">')


def frame_of(page: Page | Frame, id: str) -> Frame:
    """The figure's frame, once its program has drawn and told the time."""
    element = page.wait_for_selector(f"figure#{id} iframe", state="attached")
    element.scroll_into_view_if_needed()
    frame = element.content_frame()
    frame.wait_for_function("() => document.querySelector('output[aria-label=time]')?.textContent.trim()")
    return frame


def clock(frame: Frame) -> float:
    """The first number in the words that tell the time: "step 1,200 of 4,000" is 1200."""
    words = frame.text_content("output[aria-label=time]")
    number = re.search(r"[-−]?\d[\d, ]*(\.\d+)?", words)
    assert number, f"no number in the time {words!r}"
    return float(re.sub("[, ]", "", number[0]).replace("−", "-").replace(" ", ""))


def until(frame: Frame, words: str) -> None:
    """Wait until the time is told in these words."""
    told = "document.querySelector('output[aria-label=time]').textContent"
    frame.wait_for_function(f"words => {told} === words", arg=words)


def button(frame: Frame, name: str):
    return frame.locator("[role=group][aria-label=Player]").get_by_role("button", name=re.compile(f"^{name}"))


def press(frame: Frame, name: str) -> None:
    """Start, back, play, pause, forward or step."""
    names = {"start": "To the start", "back": "Back ", "play": "Play ", "pause": "Pause ", "forward": "Forward ",
             "step": "One step"}
    target = button(frame, names[name])
    before = target.bounding_box()
    target.scroll_into_view_if_needed()
    if target.bounding_box() != before:
        frame.wait_for_timeout(150)   # the browser must know where a frame of another process went, or a click is lost
    target.click()


def playing(frame: Frame) -> bool:
    return button(frame, "Pause ").count() == 1


def leap(frame: Frame) -> int:
    """How many steps the button "Forward 100" takes."""
    return int(re.search(r"[\d,]+", button(frame, "Forward ").get_attribute("aria-label"))[0].replace(",", ""))


def to_start(frame: Frame) -> None:
    """Stop, go to the start, speed 1, nothing folded out."""
    press(frame, "start")
    frame.get_by_role("combobox", name="Speed", exact=True).select_option("1")
    frame.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = false; })")


def unfold(frame: Frame) -> None:
    frame.evaluate("""async () => {
      document.querySelectorAll('details').forEach((d) => { d.open = true; });
      for (let i = 0; i < 2; i++) await new Promise((done) => setTimeout(done, 20));
    }""")


def settled(page: Page | Frame) -> None:
    """Two frames of layout and the messages between the page and its figures."""
    page.evaluate("""async () => {
      for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
      await new Promise((done) => setTimeout(done, 50));
    }""")


# Headings and landmarks are the page's, of which the frame is a part.
INNER_RULES = {**OTHER_RULES, "rules": {**OTHER_RULES["rules"], **dict.fromkeys(
    ("landmark-one-main", "page-has-heading-one", "region"), {"enabled": False})}}


def accessibility(frame: Frame, colours_only: bool = False) -> list[str]:
    """What axe finds inside the frame. It is run there: from the page outside it would pass over the frame silently."""
    return ([] if colours_only else axe_findings(frame, INNER_RULES)) + axe_findings(frame, COLOUR_RULES)


def requests(frame: Frame) -> list[str]:
    """What the frame asked the network for. Playwright does not hear of what a frame of another origin asks early."""
    asked = frame.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
    return [f"request: {url[:120]}" for url in asked if not url.startswith(("data:", "blob:"))]


def sideways(frame: Frame) -> list[str]:
    return frame.evaluate(SIDEWAYS)


def spoken(frame: Frame, act: Callable[[], Any], wait_ms: int = 60) -> list[str]:
    """What is announced while something is done, one text an announcement."""
    frame.evaluate(LISTEN)
    frame.evaluate("said.length = 0")
    act()
    return frame.evaluate(f"async () => {{ await new Promise((done) => setTimeout(done, {wait_ms})); return said; }}")


__all__ = ["BOOK", "COMPANION", "COUNT", "FOCUSED", "PIXELS", "TABBABLE", "Toy", "accessibility", "button", "clock",
           "figures_to_test", "frame_of", "leap", "page_of", "playing", "press", "requests", "settled", "sideways",
           "spoken", "to_start", "toy", "toy_sources", "unfold", "until", "watch"]
