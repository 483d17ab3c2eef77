"""Every live figure, wherever it is shown: over http and from disk, in frames as on Colab, narrow, by keyboard alone,
without JavaScript, with reduced motion; quiet for screen readers, still until asked, and nothing that axe finds."""

import functools
import html
import itertools
import re

import pytest
from frames import (
    BOOK,
    COUNT,
    FOCUSED,
    PIXELS,
    TABBABLE,
    accessibility,
    button,
    clock,
    figures_to_test,
    frame_of,
    leap,
    page_of,
    playing,
    press,
    requests,
    settled,
    sideways,
    spoken,
    to_start,
    unfold,
    watch,
)

from ganlib.figures import live

NAMES = list(figures_to_test())
SAYS = "p.says[role=status]"   # the bar's sentence
STILL = {"viewport": {"width": 1000, "height": 800}, "color_scheme": "light"}


@functools.cache
def figure(name):
    return figures_to_test()[name]()


@functools.cache
def output(name):
    return figure(name).html


class Shown:
    """One figure in a page like the book's, by http. The tests of a figure share it; each begins at the start."""

    def __init__(self, name, browser, folder, address):
        self.name, self.id = name, figure(name).id
        (folder / f"{name}.html").write_text(page_of(output(name), head=BOOK), encoding="utf-8")
        self.page = browser.new_page(**STILL)
        self.page.set_default_timeout(8000)
        self.page.add_init_script(COUNT)
        self.noticed = watch(self.page, address)
        self.page.goto(f"{address}/{name}.html")
        self.frame = frame_of(self.page, self.id)
        settled(self.page)
        self.first = self.state()

    def state(self):
        return {"time": clock(self.frame), "says": self.frame.text_content(SAYS),
                "pictures": self.frame.evaluate(PIXELS)}

    def counted(self, what):
        return self.frame.evaluate(f"counted.{what}")

    def wait(self, ms):
        self.frame.evaluate(f"() => new Promise((done) => setTimeout(done, {ms}))")


@pytest.fixture(scope="module", params=NAMES)
def shown(request, browser, folder, address):
    shown = Shown(request.param, browser, folder, address)
    yield shown
    noticed = shown.noticed + requests(shown.frame)
    shown.page.close()
    assert not noticed, f"{request.param}: " + "\n".join(noticed)


@pytest.fixture
def at_start(shown):
    to_start(shown.frame)
    shown.page.evaluate("scrollTo(0, 0)")
    return shown


def test_every_figure_is_among_the_tested():
    programs = {p.stem for p in live.SOURCES.glob("*.js") if re.search(r"^start\(", p.read_text(), re.MULTILINE)}
    assert programs == set(NAMES) - {"toy"}


def test_it_does_not_start_by_itself(shown):
    frames = shown.counted("frames")
    shown.wait(1000)
    assert shown.state() == shown.first and not playing(shown.frame)
    assert shown.counted("frames") == frames, "no animation frames while nothing moves"


def test_what_it_says_does_not_wait_to_be_drawn(shown, browser, folder, address):
    """In a frame that is not displayed yet (a folded part of a page) nothing is drawn."""
    (folder / "hidden.html").write_text(page_of(f"<div hidden>{output(shown.name)}</div>", head=BOOK), encoding="utf-8")
    page = browser.new_page(**STILL)
    page.goto(f"{address}/hidden.html")
    frame = page.wait_for_selector(f"figure#{shown.id} iframe", state="attached").content_frame()
    frame.wait_for_function("() => document.querySelector('output[aria-label=time]')?.textContent.trim()")
    assert not frame.evaluate("document.querySelector('canvas').clientWidth")
    said = frame.text_content(SAYS)
    page.close()
    assert said == shown.first["says"]


def test_play_pause_step_and_start(at_start):
    frame, first = at_start.frame, at_start.first["time"]
    press(frame, "step")
    one = clock(frame) - first
    press(frame, "step")
    assert one > 0 and clock(frame) - first == pytest.approx(2 * one), "the same for every step"
    press(frame, "forward")
    assert clock(frame) - first == pytest.approx((2 + leap(frame)) * one), "a step is one part of the leap"
    press(frame, "back")
    assert clock(frame) - first == pytest.approx(2 * one)
    press(frame, "play")
    frame.wait_for_function(f"document.querySelector('output[aria-label=time]').textContent !== "
                            f"{frame.text_content('output[aria-label=time]')!r}")
    at_start.wait(100)
    assert playing(frame)
    press(frame, "pause")
    assert clock(frame) > first + 2 * one
    frames, now = at_start.counted("frames"), clock(frame)
    at_start.wait(200)
    assert clock(frame) == now and at_start.counted("frames") == frames, "nothing moves after pause"
    press(frame, "start")
    assert at_start.state() == at_start.first


def test_speed(at_start):
    frame, gone = at_start.frame, {}
    for speed in ("0.25", "4"):
        press(frame, "start")
        frame.get_by_role("combobox", name="Speed", exact=True).select_option(speed)
        press(frame, "play")
        at_start.wait(300)
        gone[speed] = clock(frame) - at_start.first["time"]
        press(frame, "pause")
    assert gone["4"] > 2 * gone["0.25"] and gone["4"] > 0


def test_only_what_was_asked_for_is_announced(at_start):
    frame = at_start.frame
    press(frame, "step")   # so that the next acts change something
    for act in ("step", "forward", "back", "start"):
        said = spoken(frame, lambda act=act: press(frame, act))
        assert said == [frame.text_content(SAYS).strip()] != [""], (act, said)
    assert spoken(frame, lambda: press(frame, "play"), 400) == [], "silent while playing"
    assert spoken(frame, lambda: press(frame, "pause")) == [frame.text_content(SAYS).strip()]
    assert frame.locator("[aria-live=assertive], [role=alert]").count() == 0


def test_reduced_motion(at_start):
    """At most two pictures a second, and yet it goes on. The wish is told after the frame was loaded."""
    frame, page, drawn = at_start.frame, at_start.page, {}
    for motion, ms in (("no-preference", 400), ("reduce", 800)):
        page.emulate_media(reduced_motion=motion)
        press(frame, "start")
        before = len(at_start.counted("draws"))
        press(frame, "play")
        at_start.wait(ms)
        drawn[motion] = at_start.counted("draws")[before:]
        assert clock(frame) > at_start.first["time"]
        press(frame, "pause")
    page.emulate_media(reduced_motion="no-preference")
    gaps = [after - before for before, after in itertools.pairwise(drawn["reduce"])]
    assert gaps and min(gaps) > 480, gaps
    assert min(after - before for before, after in itertools.pairwise(drawn["no-preference"])) < 250


def test_it_pauses_when_scrolled_away(at_start):
    frame, page = at_start.frame, at_start.page
    press(frame, "play")
    at_start.wait(100)
    assert playing(frame)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    button(frame, "Play ").wait_for(timeout=3000)
    frames, now = at_start.counted("frames"), clock(frame)
    page.evaluate("scrollTo(0, 0)")
    at_start.wait(200)
    assert clock(frame) == now and at_start.counted("frames") == frames and not playing(frame)


def test_keys(at_start):
    """Space, k, arrows, Home, PageDown: on the figure they act; in a list they belong to the list."""
    frame, page, first = at_start.frame, at_start.page, at_start.first["time"]
    one_leap = leap(frame)
    button(frame, "One step").focus()
    page.keyboard.press("ArrowRight")
    one = clock(frame) - first
    assert one > 0
    page.keyboard.press("PageDown")
    assert clock(frame) - first == pytest.approx((1 + one_leap) * one)
    page.keyboard.press("ArrowLeft")
    assert clock(frame) - first == pytest.approx(one)
    page.keyboard.press("Home")
    assert clock(frame) == first
    page.keyboard.press("Space")   # on the button "One step": this button, once
    assert clock(frame) - first == pytest.approx(one) and not playing(frame)
    page.keyboard.press("k")
    assert playing(frame)
    page.keyboard.press("k")
    assert not playing(frame)
    button(frame, "Play ").focus()
    page.keyboard.press("Space")
    assert playing(frame)
    page.keyboard.press("Enter")
    assert not playing(frame)
    now = clock(frame)
    frame.get_by_role("combobox", name="Speed", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+ArrowRight")
    assert clock(frame) == now


def test_tab_reaches_everything_and_leaves(at_start):
    frame, page = at_start.frame, at_start.page
    unfold(frame)
    page.locator("#before").focus()
    count = frame.evaluate(f"({TABBABLE})().length")
    seen = []
    for _ in range(count + 2):
        page.keyboard.press("Tab")
        now = frame.evaluate(FOCUSED)
        if page.evaluate("document.activeElement.id") == "after":
            break
        seen.append(now)
    assert [e["at"] for e in seen] == list(range(count)), [e["name"] for e in seen]
    assert not [e["name"] for e in seen if not e["ring"]], "focus that is not seen"
    assert page.evaluate("document.activeElement.id") == "after", "Tab does not leave the figure"
    page.keyboard.press("Shift+Tab")
    assert frame.evaluate(FOCUSED)["at"] == count - 1
    page.locator("#before").focus()
    # What is only dragged could not be done by keyboard.
    dragged = frame.locator("canvas.drag:not([tabindex='0'])").count()
    assert dragged == 0 or frame.locator("input[type=range]").count()
    unnamed = frame.locator("canvas:not([aria-label]), canvas[aria-label='']").count()
    assert unnamed == 0, "a canvas without a name"


def test_axe_finds_nothing(at_start):
    frame, page = at_start.frame, at_start.page
    unfold(frame)
    found = accessibility(frame)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    frame.wait_for_function("document.documentElement.className === 'on dark'")
    found += ["dark: " + f for f in accessibility(frame, colours_only=True)]
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    frame.wait_for_function("document.documentElement.className === 'on'")
    assert not found, "\n".join(found)


def test_narrow(at_start):
    """360 pixels: nothing sideways, folded or not; the frame is as high as the figure and covers the picture."""
    frame, page = at_start.frame, at_start.page
    page.set_viewport_size({"width": 360, "height": 740})
    settled(page)
    found = sideways(frame)
    unfold(frame)
    settled(page)
    found += sideways(frame) + sideways(page)
    inner = frame.evaluate("[document.documentElement.scrollHeight, innerHeight]")
    page.set_viewport_size(STILL["viewport"])
    settled(page)
    assert not found, "\n".join(found)
    assert inner[0] == inner[1], "the frame has the figure's height"


def test_a_link_may_hold_anything(at_start):
    """The state in a link is what anybody wrote: it may be refused, but nothing breaks."""
    frame, page = at_start.frame, at_start.page
    frame.get_by_role("button", name="Link", exact=True).click()
    page.wait_for_function("location.hash.length > 1")
    state = page.evaluate("location.hash").removeprefix(f"#{at_start.id}?")
    assert "=" in state
    names = [pair.split("=")[0] for pair in state.split("&")]
    for value in ("nonsense", "-1", "1e9", "0.5", "true"):
        page.evaluate("hash => { location.hash = hash; }", f"{at_start.id}?" + "&".join(f"{n}={value}" for n in names))
        settled(page)
        assert not re.search(r"\b(NaN|undefined|Infinity|null)\b", frame.inner_text("body"))
        clock(frame)
    page.evaluate("hash => { location.hash = hash; }", f"{at_start.id}?{state}")
    settled(page)
    press(frame, "start")
    again = at_start.state()
    page.evaluate("history.replaceState(null, '', location.pathname)")
    broken = "\n".join(at_start.noticed)
    at_start.noticed.clear()
    assert not broken, broken
    assert again == at_start.first, "the link brings back what it was made from"


def all_together(**around):
    return page_of(*(f"<section>{output(name)}</section>" for name in NAMES), **around)


@pytest.mark.parametrize("place", ["disk", "notebook", "colab"])
def test_it_works_in(place, browser, folder, address):
    """From disk and offline; put into a page as a notebook does; inside a sandboxed frame of another origin."""
    context = browser.new_context(**STILL, offline=place == "disk")
    page = context.new_page()
    noticed = watch(page, folder.as_uri() if place == "disk" else address)
    path = folder / f"{place}.html"
    if place == "disk":
        path.write_text(all_together(head=BOOK), encoding="utf-8")
        page.goto(path.as_uri())
        inside = page
    else:
        path.write_text(page_of('<div id="output"></div>'), encoding="utf-8")
        page.goto(f"{address}/{path.name}")
        if place == "notebook":
            page.evaluate("html => { document.getElementById('output').innerHTML = html; }",
                          "".join(output(name) for name in NAMES))
            inside = page
        else:
            page.evaluate("html => { document.getElementById('output').innerHTML = html; }",
                          '<iframe title="Output" sandbox="allow-scripts" style="width:900px;height:2000px" '
                          f'srcdoc="{html.escape(all_together())}"></iframe>')
            inside = page.wait_for_selector("#output iframe").content_frame()
            assert inside.evaluate("origin") == "null"
    for name in NAMES:
        frame = frame_of(inside, figure(name).id)
        assert frame.evaluate("origin") == "null"
        first = clock(frame)
        press(frame, "step")
        one = clock(frame)
        press(frame, "play")
        words = frame.text_content("output[aria-label=time]")
        frame.wait_for_function(f"document.querySelector('output[aria-label=time]').textContent !== {words!r}")
        press(frame, "pause")
        assert first < one < clock(frame), name
        press(frame, "start")
        assert clock(frame) == first, name
        noticed += requests(frame)
    context.close()
    assert not noticed, "\n".join(noticed)


def test_heights_without_a_page_around(browser, folder, address):
    """Where no page sets the frame's height, the height given holds the figure and covers the picture."""
    (folder / "plain.html").write_text(all_together(), encoding="utf-8")
    page = browser.new_page(**STILL)
    page.goto(f"{address}/plain.html")
    found = []
    for width in (1000, 700, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for name in NAMES:
            frame = frame_of(page, figure(name).id)
            settled(frame)
            high, inner = frame.evaluate("[document.documentElement.scrollHeight, innerHeight]")
            used = frame.evaluate("document.getElementById('figure').getBoundingClientRect().height")
            if high > inner:
                found.append(f"{name} at {width}: {high} high in a frame of {inner}")
            if used < inner - 250:
                found.append(f"{name} at {width}: only {used:.0f} of {inner} are used")
            found += [f"{name} at {width}: {f}" for f in sideways(frame)]
            picture, program = (page.locator(f"#{figure(name).id} > {e}").bounding_box() for e in ("img", "iframe"))
            if picture["y"] + picture["height"] > program["y"] + program["height"]:
                found.append(f"{name} at {width}: the picture is seen below the frame")
    page.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_javascript_the_picture_is_seen(scheme, browser, folder, address):
    """Each picture looks as it does where there is no frame at all, and has a text. Playwright's switch leaves scripts
    on in frames of another origin, so the frame's own permission is taken away too."""
    context = browser.new_context(**{**STILL, "color_scheme": scheme}, java_script_enabled=False)
    page = context.new_page()
    seen = {}
    whole = all_together(head=BOOK).replace(' sandbox="allow-scripts" ', ' sandbox="" ')
    stripped = re.sub("<iframe.*?</iframe>", "", whole, flags=re.DOTALL)
    assert whole.count("<iframe") == len(NAMES) and "<iframe" not in stripped
    for kind, text in (("whole", whole), ("stripped", stripped)):
        (folder / f"{kind}.html").write_text(text, encoding="utf-8")
        page.goto(f"{address}/{kind}.html")
        for name in NAMES:
            image = page.locator(f"#{figure(name).id} > img")
            image.scroll_into_view_if_needed()
            assert image.get_attribute("alt") == figure(name).alt and len(figure(name).alt) > 30
            seen[kind, name] = image.screenshot()
    context.close()
    for name in NAMES:
        assert len(seen["whole", name]) > 1000 and seen["whole", name] == seen["stripped", name], name


BAD = """<!doctype html><html lang="en"><head><title>Bad</title></head><body>
<div id="figure"><div role="group" aria-label="Player"><button aria-label="Play (space)">x</button>
<output aria-label="time">0</output></div><p role="status"></p><select><option>1</option></select>
<p style="color:#999;background:#fff">Grey on white</p><div style="width:900px">wide</div>
<button style="outline:none">no ring</button></div>
<script>
let t = 0;
setInterval(() => { t++; document.querySelector("output").textContent = t; requestAnimationFrame(() => {}); }, 20);
console.error("an error");
fetch("http://example.org/outside.js").catch(() => {});
</script></body></html>"""


def test_a_bad_frame_is_caught(browser, folder, address):
    """The negative control: the same functions find what is wrong with a figure made for that."""
    (folder / "bad.html").write_text(page_of(
        '<figure class="live" id="bad"><iframe title="Bad" sandbox="allow-scripts" style="width:100%;height:300px" '
        f'srcdoc="{html.escape(BAD)}"></iframe></figure>'), encoding="utf-8")
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.add_init_script(COUNT)
    noticed = watch(page, address)
    page.goto(f"{address}/bad.html")
    frame = frame_of(page, "bad")
    frames = frame.evaluate("counted.frames")
    said = spoken(frame, lambda: None, 300)
    assert len(said) > 3 and clock(frame) > 0 and frame.evaluate("counted.frames") > frames
    found = "\n".join(accessibility(frame) + sideways(frame) + requests(frame) + noticed)
    frame.locator("button").last.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    focused = frame.evaluate(FOCUSED)
    page.close()
    assert focused["at"] == 2 and not focused["ring"]
    for kind in ("axe select-name", "axe color-contrast", "scrolls sideways", "sticks out", "console error: an error",
                 "request: http://example.org/outside.js"):
        assert kind in found, f"not caught: {kind}\n{found}"
