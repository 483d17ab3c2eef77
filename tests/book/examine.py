"""What is looked at on a page in a real browser. Each function returns a list of findings in words; none is good."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Two halves, because only colours depend on light and dark and only they do not depend on the width.
# preload would make axe ask for styles at wrong addresses.
COLOURS = ["color-contrast", "link-in-text-block"]
COLOUR_RULES = {"runOnly": {"type": "rule", "values": COLOURS}, "resultTypes": ["violations"], "preload": False}
OTHER_RULES = {"runOnly": {"type": "tag", "values": TAGS}, "rules": {rule: {"enabled": False} for rule in COLOURS},
               "resultTypes": ["violations"], "preload": False}

# axe takes minutes for thousands of coloured words in code and pieces of formulas. It gets one word of each kind, the
# formulas' space without the pieces that MathJax hides from screen readers, and their hidden MathML as one text.
ONE_OF_EACH = """() => {
  const seen = new Set();
  [...document.querySelectorAll('pre span, .sig :is(span, em), code span')].reverse().forEach((e) => {
    if (e.children.length) return;
    const kind = [e.className, Boolean(e.closest('a')), e.closest('pre, .sig, code').tagName].join();
    if (seen.has(kind)) e.replaceWith(e.textContent);
    seen.add(kind);
  });
  document.querySelectorAll('pre, .sig, code').forEach((e) => e.normalize());
  const formulas = [...document.querySelectorAll('mjx-container')];
  formulas.map((e) => [e, e.firstElementChild.getBoundingClientRect()]).forEach(([e, box]) => {
    const drawn = e.firstElementChild, hidden = e.querySelector('mjx-assistive-mml > math');
    drawn.style.cssText = `display: inline-block; width: ${box.width}px; height: ${box.height}px`;
    drawn.replaceChildren();
    if (hidden) hidden.replaceChildren(hidden.textContent);
  });
}"""

# Opens what is folded, waits for formulas, fonts and two frames of layout.
SETTLE = """async () => {
  document.querySelectorAll('details').forEach((d) => { d.open = true; });
  document.querySelectorAll('.toggle-hidden .toggle-button, button.toggle-button-hidden').forEach((b) => b.click());
  document.querySelectorAll('img[loading=lazy]').forEach((i) => { i.loading = 'eager'; });
  if (window.MathJax && window.MathJax.startup) await window.MathJax.startup.promise;
  const loaded = (image) => image.complete || new Promise((done) => { image.onload = image.onerror = done; });
  await Promise.all([...document.images].map(loaded));
  await document.fonts.ready;
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
}"""

LOOK = """() => {
  const found = [], short = (text) => JSON.stringify(text.trim().slice(0, 60));
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest('script, style, noscript, template, code, pre, mjx-container')) continue;
    if (node.data.includes('$')) found.push('stray $ in ' + short(node.data));
    if (/\\\\[([]/.test(node.data)) found.push('TeX that was not typeset: ' + short(node.data));
  }
  document.querySelectorAll('mjx-merror').forEach((e) =>
    found.push('TeX error: ' + (e.getAttribute('data-mjx-error') || short(e.textContent))));
  document.querySelectorAll('mjx-assistive-mml [mathcolor=red]').forEach((e) =>
    found.push('TeX error: undefined macro ' + short(e.textContent)));
  document.querySelectorAll('.math').forEach((e) => {
    if (!e.querySelector('mjx-container')) found.push('formula that was not typeset: ' + short(e.textContent)); });
  document.querySelectorAll('article img, main img').forEach((img) => {
    const alt = (img.getAttribute('alt') || '').trim(), name = img.getAttribute('src').slice(0, 80);
    if (!alt) found.push('image without alt text: ' + name);
    else if (/\\.(png|svg|jpe?g|gif|webp)$/i.test(alt) || alt.includes('_images/'))
      found.push('alt text is a file name: ' + name);
    if (!img.naturalWidth) found.push('image does not load: ' + name);
  });
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width + 1)
    found.push(`the page scrolls sideways: ${document.documentElement.scrollWidth} > ${width}`);
  const contained = (el) => {   // inside something that scrolls by itself or clips
    for (let p = el; p && p !== document.body; p = p.parentElement)
      if (getComputedStyle(p).overflowX !== 'visible') return true;
    return false;
  };
  document.querySelectorAll('article *').forEach((el) => {
    const box = el.getBoundingClientRect(), name = `<${el.tagName.toLowerCase()} class="${el.className}">`;
    if (box.width > 1 && box.height > 1 && box.right > width + 1 && !contained(el) && !el.closest('mjx-assistive-mml'))
      found.push(`${name} sticks out: ${Math.round(box.right)} > ${width}`);
  });
  return [...new Set(found)];
}"""

AXE = """async ([context, rules]) => (await axe.run(context || document, rules)).violations.flatMap((v) =>
  v.nodes.slice(0, 3).map((n) => `axe ${v.id} (${v.impact}): ${n.html.slice(0, 160)}`))"""


def watch(page: Page, site: str) -> list[str]:
    """A list that grows with every request outside ``site``, failed request, console error and script error."""
    found: list[str] = []

    def request(r):
        if not r.url.startswith((site, "data:", "blob:", "about:")):
            found.append(f"external request: {r.url[:120]}")

    page.on("request", request)
    page.on("response", lambda r: r.status >= 400 and found.append(f"request failed with {r.status}: {r.url[:120]}"))
    page.on("requestfailed", lambda r: r.url.startswith(site) and "ERR_ABORTED" not in str(r.failure)
            and found.append(f"request failed: {r.url[:120]} {r.failure}"))
    page.on("console", lambda m: m.type == "error" and found.append(f"console error: {m.text[:200]}"))
    page.on("pageerror", lambda e: found.append(f"script error: {str(e)[:200]}"))
    return found


def settle(page: Page) -> None:
    """Wait until formulas, images and fonts are there; what was folded is open afterwards."""
    page.evaluate(SETTLE)


def look(page: Page) -> list[str]:
    """Stray TeX, images without a text, anything wider than the screen."""
    return page.evaluate(LOOK)


def axe(page: Page, rules: dict, context: dict | None = None) -> list[str]:
    """Violations of WCAG 2.2 A and AA and of good practice, as far as axe-core finds them. Call after `look`.

    context: which part of the page, in axe's words; all of it by default.
    """
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE_SCRIPT)
        page.evaluate(ONE_OF_EACH)
    return page.evaluate(AXE, [context, rules])
