"""The built book in a real browser: every page, wide and narrow, light and dark, over http and from disk."""

import functools

import pytest
from built import pages
from examine import COLOUR_RULES, OTHER_RULES, axe, look, settle, watch

WIDTHS = {"wide": (1280, 900), "narrow": (390, 844)}
FROM_DISK = [p for p in pages() if not p.startswith("_modules/")]


@pytest.fixture(scope="module")
def window(browser):
    """One browser window a width for all pages; animations are off, so that nothing is measured half faded in."""
    @functools.cache
    def opened(width):
        x, y = WIDTHS[width]
        return browser.new_context(viewport={"width": x, "height": y}, reduced_motion="reduce", color_scheme="light")

    yield opened
    for width in WIDTHS:
        opened(width).close()


@pytest.mark.parametrize("path", pages())
@pytest.mark.parametrize("width", WIDTHS)
def test_page(path, width, site, address, window):
    """No external request, no error, no TeX left over, alt texts, nothing too wide, nothing axe finds."""
    page = window(width).new_page()
    noticed = watch(page, address)
    page.goto(f"{address}/{path}", wait_until="load")
    settle(page)
    # The colours of the text are the same on both widths: on the narrow one only those of what surrounds it are new.
    coloured = {"exclude": [[".bd-article"]]} if width == "narrow" else None
    found = look(page) + axe(page, OTHER_RULES) + axe(page, COLOUR_RULES, coloured)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'", timeout=10000)
    found += ["dark: " + finding for finding in axe(page, COLOUR_RULES, coloured)] + noticed
    page.close()
    assert not found, f"{path}, {width}:\n" + "\n".join(found)


@pytest.mark.parametrize("path", FROM_DISK)
def test_page_from_disk_without_network(path, site, browser):
    """Opened as a file, offline: formulas typeset, images there, nothing asked from outside, no error."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", offline=True)
    page = context.new_page()
    noticed = watch(page, site.as_uri())
    page.goto((site / path).as_uri(), wait_until="load")
    settle(page)
    found = look(page) + noticed
    context.close()
    assert not found, f"{path}:\n" + "\n".join(found)


def test_index_leads_to_the_front_page(site, window):
    page = window("wide").new_page()
    page.goto((site / "index.html").as_uri())
    page.wait_for_url("**/book/intro.html", timeout=10000)
    page.close()


def test_search_finds_a_term(address, window):
    page = window("wide").new_page()
    page.goto(f"{address}/search.html?q=saturation")
    page.wait_for_selector("#search-results li a", timeout=10000)
    assert "glossary" in page.inner_html("#search-results")
    page.close()


BAD = """<!doctype html><html><head><title>Bad</title>
<script>window.MathJax = {}; console.error('a console error');
setTimeout(() => { throw new Error('a script error'); });</script>
<script defer src="%s/_static/vendor/mathjax/tex-chtml-full.js"></script></head>
<body><p>Costs $5 and $x.</p>
<p><span class="math">\\\\(\\\\frac{1\\\\)</span> <span class="math">\\\\(x^2^3\\\\)</span>
<span class="math">\\\\(\\\\nosuchmacro\\\\)</span></p>
<article><img src="missing.png"><img src="http://example.org/outside.png" alt="outside.png">
<p style="color: #aaa; background: #fff; width: 3000px">Grey on white, and wide.</p></article></body></html>"""


def test_a_bad_page_is_caught(tmp_path, window, site):
    """The negative control: the same functions find everything that is wrong with a page made for that."""
    (tmp_path / "bad.html").write_text((BAD % site.as_uri()).replace("\\\\", "\\"), encoding="utf-8")
    page = window("narrow").new_page()
    noticed = watch(page, tmp_path.as_uri())
    page.goto((tmp_path / "bad.html").as_uri(), wait_until="load")
    settle(page)
    found = "\n".join(look(page) + axe(page, OTHER_RULES) + axe(page, COLOUR_RULES) + noticed)
    page.close()
    for kind in ("stray $", "TeX that was not typeset", "formula that was not typeset",
                 "TeX error: Double exponent", "undefined macro", "image without alt text",
                 "alt text is a file name",
                 "image does not load", "scrolls sideways", "sticks out", "axe color-contrast", "axe html-has-lang",
                 "axe image-alt", "external request: http://example.org", "console error: a console error",
                 "script error: a script error", "request failed"):
        assert kind in found, f"not caught: {kind}\n{found}"
