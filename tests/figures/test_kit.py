"""What all live figures stand on: controls, planes and the transport bar, and the talk with the page around them."""

import base64
import html
import io
import re

import pytest
from frames import (
    BOOK,
    COUNT,
    PIXELS,
    Toy,
    accessibility,
    button,
    clock,
    frame_of,
    page_of,
    playing,
    press,
    settled,
    spoken,
    toy_sources,
    until,
    watch,
)
from PIL import Image

from ganlib.figures import live

KIT = """import { ask, choice, colour, make, numbers, row, settings, shown, slide, tick } from "./page.js";
import { Plane, probabilityRamp } from "./plane.js";
import { transport } from "./transport.js";
"""


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = toy_sources(tmp_path_factory.mktemp("kit") / "js")
    (folder / "kit.js").write_text(KIT, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def bench(browser, sources):
    """A page with the kit's names at hand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "SOURCES", sources)
        program = live.script("kit", expose=True)
    page = browser.new_page(viewport={"width": 600, "height": 500}, device_scale_factor=1)
    page.set_default_timeout(8000)
    style = (live.SOURCES / "page.css").read_text(encoding="utf-8")
    page.set_content(f"<!doctype html><html lang=en class=on><title>Kit</title><style>{style}</style>"
                     f"<body><div id=figure></div><script>{COUNT}</script><script>{program}</script>")
    yield page
    page.close()


@pytest.fixture
def kit(bench):
    bench.evaluate("""() => {
      document.getElementById("figure").replaceChildren();
      window.log = [];
      window.put = (...e) => document.getElementById("figure").append(...e);
    }""")
    return bench


def log(page):
    return page.evaluate("log.splice(0)")


# page.js


def test_settings_take_only_what_there_is(kit):
    given = kit.evaluate("""() => settings({ rate: 0.1, loss: "hinge", show: true, k: 1 }, { k: 2 },
      "rate=0.5&loss=minimax&show=false&k=&other=3&toString=1&__proto__=2&constructor=x")""")
    assert given == {"rate": 0.5, "loss": "minimax", "show": False, "k": 2}
    for bad in ("rate=abc", "rate=1e999", "rate=NaN", "rate=%20"):
        assert kit.evaluate(f"settings({{ rate: 1 }}, {{}}, {bad!r})") == {"rate": 1}
    assert kit.evaluate("settings({ words: 'a' }, {}, new URLSearchParams({ words: 'a&b=c #?+ é' }).toString()).words"
                        ) == "a&b=c #?+ é"


@pytest.mark.parametrize("value, words", [
    ("0", "0.000"), ("-1.5", "−1.500"), ("12345", "1.2e+4"), ("0.0004", "4.0e−4"), ("9999.4", "9999.400"),
    ("NaN", "not finite"), ("-Infinity", "not finite"), ("-0.00012", "−1.2e−4")])
def test_numbers_are_written_with_a_true_minus(kit, value, words):
    assert kit.evaluate(f"shown({value})") == words


def test_a_slider_says_its_value_once(kit):
    kit.evaluate("""() => {
      const settings = { min: 0, max: 1, step: 0.25, value: 0.5, show: (v) => `${v} m` };
      const made = slide("Width", settings, (v) => log.push(v));
      put(made);
      window.width = made;
    }""")
    slider = kit.get_by_role("slider", name="Width", exact=True)   # the value is no part of the name
    slider.focus()
    kit.keyboard.press("ArrowRight")
    assert log(kit) == [0.75]
    assert slider.get_attribute("aria-valuetext") == kit.inner_text("output") == "0.75 m"
    kit.evaluate("width.set(0.25)")
    assert log(kit) == [] and slider.input_value() == "0.25" and kit.inner_text("output") == "0.25 m"
    assert spoken(kit, lambda: kit.keyboard.press("ArrowRight")) == [], "the slider itself tells; nobody else"


def test_a_list_gives_back_what_it_was_given(kit):
    kit.evaluate("""() => {
      const made = choice("Batch", [[16, "sixteen"], 32, [true, "all"]], 32, (v) => log.push(v));
      put(made, tick("Shown", true, (v) => log.push(v)));
      window.batch = made;
    }""")
    batch = kit.get_by_role("combobox", name="Batch", exact=True)
    assert batch.input_value() == "32"
    batch.select_option(label="sixteen")
    batch.select_option(label="all")
    kit.get_by_role("checkbox", name="Shown", exact=True).click()
    assert log(kit) == [16, True, False]
    kit.evaluate("batch.set(16)")
    assert batch.input_value() == "16" and log(kit) == []


def test_a_table_is_filled_when_it_is_open(kit):
    kit.evaluate("""() => {
      window.made = numbers("Values", ["x", "y"], () => { log.push("rows"); return [[1, "a"], [2, "b"]]; });
      put(made);
      made.update();
    }""")
    assert log(kit) == []
    kit.locator("summary").click()
    kit.wait_for_selector("tbody tr")
    assert kit.locator("tbody").inner_text().split() == ["1", "a", "2", "b"]
    log(kit)
    kit.evaluate("made.update()")
    assert log(kit) == ["rows"] and kit.locator("tbody tr").count() == 2


# plane.js


def plane(page, **options):
    given = ", ".join(f"{name}: {value}" for name, value in options.items())
    page.evaluate(f"""() => {{
      window.made = new Plane({{ label: "A plane", draw: () => log.push("draw"), {given} }});
      made.element.style.width = "402px";
      made.element.style.margin = "0";
      put(made.element);
    }}""")
    page.wait_for_function("made.wide === 400")
    log(page)


def test_a_plane_has_coordinates(kit):
    plane(kit, x="[-1, 3]", y="[10, 30]", aspect=2)
    assert kit.evaluate("[made.wide, made.high]") == [400, 199]   # 402 by 201 with its edges
    assert kit.evaluate("[made.px(-1), made.px(3), made.py(30), made.py(10), made.px(1)]") == [0, 400, 0, 199, 200]


def test_zoom_keeps_the_centre_and_home_is_the_widest(kit):
    plane(kit, x="[-2, 2]", y="[0, 2]")
    kit.evaluate("made.zoom(2)")
    assert kit.evaluate("[...made.x, ...made.y]") == [-1, 1, 0.5, 1.5]
    kit.evaluate("made.move(-5, 5)")
    assert kit.evaluate("[...made.x, ...made.y]") == [-2, 0, 1, 2]
    kit.evaluate("made.zoom(0.01)")
    assert kit.evaluate("[...made.x, ...made.y]") == [-2, 2, 0, 2]
    kit.evaluate("made.zoom(1e9)")
    assert kit.evaluate("made.x[1] - made.x[0]") == pytest.approx(4 / 32)


def test_a_zoomed_plane_moves_by_pointer_and_by_arrow_keys(kit):
    plane(kit)
    canvas = kit.locator("canvas")
    assert canvas.get_attribute("role") == "img" and canvas.evaluate("c => c.tabIndex") == -1
    box = canvas.bounding_box()
    kit.mouse.move(box["x"] + 201, box["y"] + 201)

    def drag(dx, dy):
        kit.mouse.move(box["x"] + 201, box["y"] + 201)
        kit.mouse.down()
        kit.mouse.move(box["x"] + 201 + dx, box["y"] + 201 + dy, steps=3)
        kit.mouse.up()
        return kit.evaluate("[...made.x, ...made.y]")

    assert drag(50, 0) == [-2, 2, -2, 2], "at home there is nowhere to go"
    kit.evaluate("made.zoom(2)")
    assert drag(100, 0) == pytest.approx([-1.5, 0.5, -1, 1], abs=1e-6), "what was under the pointer stays there"
    assert canvas.get_attribute("role") == "application"
    canvas.focus()
    kit.keyboard.press("ArrowRight")
    kit.keyboard.press("ArrowUp")
    assert kit.evaluate("[...made.x, ...made.y]") == pytest.approx([-1.3, 0.7, -0.8, 1.2])
    kit.evaluate("made.zoom(0.1)")
    assert canvas.get_attribute("role") == "img" and canvas.evaluate("c => c.tabIndex") == -1


def test_a_plane_that_is_a_control(kit):
    plane(kit, x="[0, 4]", y="[0, 4]", nudge="(dx, dy) => log.push([dx, dy])",
          drag="({ x, y, first }) => log.push([x, y, first])")
    canvas = kit.locator("canvas")
    assert canvas.get_attribute("role") == "application" and canvas.get_attribute("aria-label") == "A plane"
    kit.keyboard.press("Tab")
    kit.evaluate("made.canvas.focus()")
    for key in ("ArrowRight", "ArrowDown", "Home"):
        kit.keyboard.press(key)
    assert log(kit) == [[0.1, 0], [0, -0.1]]
    box = canvas.bounding_box()
    kit.mouse.move(box["x"] + 101, box["y"] + 101)
    kit.mouse.down()
    kit.mouse.move(box["x"] + 201, box["y"] + 301)
    kit.mouse.up()
    kit.mouse.move(box["x"] + 11, box["y"] + 11)
    moved = log(kit)
    assert moved[0] == [1, 3, True] and moved[-1] == [2, 1, False], "in the plane's units, and only while pressed"
    kit.evaluate("made.say('A plane, seen')")
    assert kit.get_by_label("A plane, seen").count() == 1


def test_a_heat_map_lies_the_right_way_up(kit):
    """Lowest row first: value 0 is lower left, 1 lower right, 2 upper left, 3 upper right."""
    plane(kit, draw="(p) => p.heat([0, 1, 2, 3], 2, (v) => [60 * v, 0, 255 - 60 * v])")
    read = kit.evaluate("""() => [[0.05, 0.95], [0.95, 0.95], [0.05, 0.05], [0.95, 0.05]].map(([x, y]) =>
      made.c.getImageData(x * made.wide, y * made.high, 1, 1).data[0])""")
    assert read == [0, 60, 120, 180]


def test_shapes_differ_without_colour(kit):
    """A circle is full in its middle and empty in its corners, a cross is empty on its sides."""
    plane(kit, draw="""(p) => { p.dots([-1, 0], 1, { size: 20 }); p.dots([1, 0], 1, { shape: "cross", size: 20 }); }""")
    read = kit.evaluate("""() => [[-1, 14, 0], [-1, 17, 17], [1, 14, 0], [1, 17, 17]].map(([x, dx, dy]) =>
      made.c.getImageData(made.px(x) + dx, made.py(0) + dy, 1, 1).data[0] < 255)""")
    assert read == [True, False, False, True]


def test_axes_have_numbers_at_round_places(kit):
    plane(kit, x="[-0.5, 0.5]", y="[0, 1000]", draw="(p) => p.axes('θ', 'V')")
    words = kit.evaluate("""() => {
      const words = [];
      made.c.fillText = (text) => words.push(text);
      made.redraw();
      return words;
    }""")
    assert {"−0.4", "0", "0.2", "200", "400", "θ", "V"} <= set(words) and len(words) < 14


def test_the_ramp_is_pale_where_d_is_undecided(kit):
    generated, half, real = kit.evaluate("[0, 0.5, 1].map(probabilityRamp)")
    assert half == [247, 247, 247] and generated[2] > generated[0] and real[0] > real[2]


# transport.js


@pytest.fixture
def bar(bench, browser, sources):
    """A bar on a figure that counts; in a page of its own, because it listens to all keys."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "SOURCES", sources)
        program = live.script("kit", expose=True)
    page = browser.new_page(viewport={"width": 600, "height": 500})
    page.set_default_timeout(8000)
    style = (live.SOURCES / "page.css").read_text(encoding="utf-8")
    page.set_content(f"<!doctype html><html lang=en class=on><title>Bar</title><style>{style}</style>"
                     f"<body><div id=figure></div><script>{COUNT}</script><script>{program}</script>")
    page.evaluate("""() => {
      window.t = 0; window.end = Infinity; window.log = []; window.slow = 0;
      window.player = transport({
        forward: () => {
          for (const until = performance.now() + slow; performance.now() < until;);
          if (t < end) t += 1;
          return t < end;
        },
        back: (n) => { t = Math.max(0, t - n); }, start: () => { t = 0; }, time: () => `t = ${t}`,
        says: () => `now ${t}`, redraw: () => log.push(t), zoom: (f) => log.push(f), rate: 60, leap: 10 });
      const field = make("input", { type: "text", "aria-label": "Field" });
      const table = numbers("Table", Array.from({ length: 60 }, (_, i) => `column ${i}`), () => []);
      document.getElementById("figure").append(player.bar, player.status, field, table);
      table.open = true;
      player.tell();
      log.length = 0;
    }""")
    yield page
    page.close()


def test_the_bar_in_its_order(bar):
    player = bar.get_by_role("group", name="Player")
    names = player.locator("button, select").evaluate_all(
        "all => all.map((e) => e.getAttribute('aria-label') || e.tagName)")
    assert names == ["To the start (Home)", "Back 10 (left arrow)", "Play (space)", "Forward 10 (Page down)",
                     "One step (right arrow)", "SELECT", "Zoom in (+)", "Zoom out (−)"]
    assert player.get_by_role("combobox", name="Speed", exact=True).locator("option").all_inner_texts() == [
        "0.25×", "0.5×", "1×", "2×", "4×"]
    assert bar.get_by_role("combobox", name="Speed", exact=True).input_value() == "1"
    small = [b for b in player.locator("button").evaluate_all(
        "all => all.map((e) => [e.clientWidth, e.clientHeight])") if min(b) < 24]
    assert not small, "targets of at least 24 pixels"
    assert player.locator("button svg path").count() == 7


def test_the_name_of_play_changes_and_nothing_else_says_so(bar):
    """A name that changes and a pressed state besides would be read as "Pause, pressed"."""
    play = bar.locator("button").nth(2)
    assert play.get_attribute("aria-label") == play.get_attribute("title") == "Play (space)"
    shape = play.inner_html()
    play.click()
    assert play.get_attribute("aria-label") == play.get_attribute("title") == "Pause (space)"
    assert play.inner_html().split("path")[1] != shape.split("path")[1], "the icon changes as well"
    assert play.get_attribute("aria-pressed") is None
    assert play.evaluate("e => e === document.activeElement"), "the focus stays"


@pytest.mark.parametrize("key, then", [
    ("ArrowRight", 51), ("ArrowLeft", 40), ("PageDown", 60), ("PageUp", 40), ("Home", 0)])
def test_keys(bar, key, then):
    bar.evaluate("t = 50")
    bar.keyboard.press(key)
    assert bar.evaluate("t") == then and bar.inner_text("[role=status]") == f"now {then}"
    assert bar.inner_text("output[aria-label=time]") == f"t = {then}"


def test_zoom_keys(bar):
    bar.keyboard.press("+")
    bar.keyboard.press("-")
    assert bar.evaluate("log") == [1.5, 1 / 1.5]


def test_keys_are_left_to_what_has_its_own_use_for_them(bar):
    for key in ("Control+ArrowRight", "Alt+ArrowLeft", "Meta+k", "x", "Tab"):
        bar.keyboard.press(key)
    bar.get_by_label("Field").focus()
    for key in ("k", "Space", "ArrowLeft", "Home", "+"):
        bar.keyboard.press(key)
    assert bar.get_by_label("Field").input_value() == "+k "
    bar.get_by_role("combobox", name="Speed").focus()
    for key in ("ArrowDown", "Home", "k"):
        bar.keyboard.press(key)
    assert bar.evaluate("t") == 0 and not playing(bar) and bar.evaluate("log") == []


def test_a_wide_table_scrolls_by_arrow_keys(bar):
    table = bar.get_by_role("region", name="Table")
    table.focus()
    bar.keyboard.press("ArrowRight")
    bar.wait_for_function("document.querySelector('.box').scrollLeft > 0")
    assert bar.evaluate("t") == 0


def test_a_key_held_down_steps_on_but_does_not_flicker(bar):
    bar.evaluate("document.activeElement.blur()")
    for _ in range(4):
        bar.keyboard.down("ArrowRight")   # without a key up between: repeated
    bar.keyboard.up("ArrowRight")
    assert bar.evaluate("t") == 4
    for _ in range(4):
        bar.keyboard.down("k")
    bar.keyboard.up("k")
    assert playing(bar)


def test_one_loop_however_often_play_is_pressed(bar):
    bar.evaluate("for (let i = 0; i < 9; i++) document.querySelectorAll('button')[2].click()")
    before, drawn = bar.evaluate("[counted.frames, log.length]")
    bar.evaluate("new Promise((done) => setTimeout(done, 200))")
    frames, draws = bar.evaluate("[counted.frames, log.length]")
    assert playing(bar) and 3 < frames - before < 20 and draws - drawn < 20, (frames - before, draws - drawn)


def test_slow_steps_leave_room_for_the_page(bar):
    """Steps of 5 ms, 240 asked for a second: each picture waits for 9 ms of them and the last, not for all."""
    bar.evaluate("slow = 5")
    bar.get_by_role("combobox", name="Speed").select_option("4")
    bar.locator("button").nth(2).click()
    bar.wait_for_function("log.length > 5")
    steps = bar.evaluate("log.map((t, i) => t - (log[i - 1] ?? 0))")
    assert max(steps) <= 2, steps


def test_the_end(bar):
    bar.evaluate("end = 5")
    bar.locator("button").nth(2).click()
    button(bar, "Play ").wait_for()
    assert bar.evaluate("t") == 5 and bar.inner_text("[role=status]") == "now 5"
    for name in ("Forward", "One step"):
        button(bar, name).click()
    assert bar.evaluate("t") == 5


def test_a_figure_that_says_nothing_of_an_end_has_none(bar):
    bar.evaluate("() => { player.pause(); player = transport({ forward: () => { t += 1; }, back() {}, start() {}, "
                 "time: () => '', says: () => '', redraw() {}, rate: 60, leap: 10 }); put = player.bar; "
                 "document.getElementById('figure').replaceChildren(player.bar); }")
    bar.locator("button").nth(3).click()
    assert bar.evaluate("t") == 10


def test_a_hidden_page_pauses(bar):
    bar.locator("button").nth(2).click()
    bar.evaluate("""() => {
      Object.defineProperty(document, "hidden", { value: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    assert not playing(bar)


def test_a_bar_out_of_sight_does_not_stop_a_picture_in_sight(bar):
    """On a phone the picture may fill the screen."""
    bar.evaluate("document.getElementById('figure').prepend(make('div', { style: 'height: 3000px' }))")
    bar.locator("button").nth(2).click()
    bar.evaluate("scrollTo(0, 1000)")
    bar.wait_for_timeout(200)
    assert bar.evaluate("document.querySelector('button').getBoundingClientRect().top") > 500 and playing(bar)


def test_the_bar_on_a_phone(bar):
    bar.set_viewport_size({"width": 360, "height": 600})
    wide, rows = bar.evaluate("""() => [document.scrollingElement.scrollWidth,
      new Set([...document.querySelectorAll("[aria-label=Player] > *")].map((e) => {
        const box = e.getBoundingClientRect();
        return Math.round(box.top + box.height / 2);
      })).size]""")
    assert wide <= 360 and rows <= 3


# The page around


@pytest.fixture
def book(browser, sources, folder, address, request):
    """book(config, …) opens a page with the book's script and a toy in it, over http or from disk."""
    opened = []

    def opened_page(*figures, where="http", hash="", head=BOOK, before="", scheme="light"):
        context = browser.new_context(viewport={"width": 1000, "height": 800}, color_scheme=scheme)
        context.set_default_timeout(8000)
        opened.append(context)
        page = context.new_page()
        name = re.sub(r"\W", "-", request.node.name) + ".html"
        page.noticed = watch(page, address if where == "http" else folder.as_uri())
        text = page_of(before, *(f.html for f in figures or [Toy(sources)]), head=head)
        (folder / name).write_text(text, encoding="utf-8")
        page.goto((f"{address}/{name}" if where == "http" else (folder / name).as_uri()) + hash)
        return page

    yield opened_page
    found = [f for context in opened for page in context.pages for f in getattr(page, "noticed", [])]
    for context in opened:
        context.close()
    assert not found, "\n".join(found)


each_place = pytest.mark.parametrize("where", ["http", "disk"])


def tinted(frame):
    """Is the first canvas dark at its upper edge? And the page below it?"""
    return frame.evaluate("""() => {
      const canvas = document.querySelector("canvas");
      const [r] = canvas.getContext("2d").getImageData(canvas.width - 3, 3, 1, 1).data;
      return [r < 80, document.documentElement.classList.contains("dark")];
    }""")


@each_place
def test_the_frame_follows_the_pages_theme(book, where):
    page = book(where=where, scheme="dark")
    frame = frame_of(page, "toy")
    settled(page)
    assert tinted(frame) == [False, False], "the page says light, whatever the system says"
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    frame.wait_for_function("document.documentElement.classList.contains('dark')")
    assert tinted(frame) == [True, True]
    page.emulate_media(color_scheme="light")
    settled(page)
    assert tinted(frame) == [True, True]


def test_without_a_page_around_it_follows_the_system(book):
    page = book(head="", scheme="dark")
    frame = frame_of(page, "toy")
    assert tinted(frame) == [True, True]
    assert accessibility(frame, colours_only=True) == []
    page.emulate_media(color_scheme="light")
    frame.wait_for_function("!document.documentElement.classList.contains('dark')")
    assert tinted(frame) == [False, False]


def test_in_the_dark_the_program_lies_over_the_picture(book):
    """The book dims pictures in the dark by a filter, and what has a filter is painted over what stands still."""
    page = book()
    frame_of(page, "toy")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    settled(page)
    assert page.evaluate("getComputedStyle(document.querySelector('figure.live img')).filter") != "none"
    top = page.evaluate("""() => {
      const box = document.querySelector("figure.live img").getBoundingClientRect();
      return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2).tagName;
    }""")
    assert top == "IFRAME"


def test_the_frame_is_as_high_as_the_figure(book):
    page = book()
    frame = frame_of(page, "toy")
    settled(page)

    def heights():
        settled(page)
        return (frame.evaluate("Math.ceil(document.getElementById('figure').getBoundingClientRect().height)"),
                page.evaluate("document.querySelector('iframe').getBoundingClientRect().height"))

    high, given = heights()
    assert high == given > 400
    page.set_viewport_size({"width": 400, "height": 800})
    narrow, given = heights()
    assert narrow == given > high
    frame.evaluate("document.getElementById('figure').style.height = '9000px'")
    assert heights() == (9000, 3000)
    frame.evaluate("document.getElementById('figure').style.cssText = 'height: 30px; overflow: hidden'")
    assert heights() == (30, 200)
    frame.evaluate("parent.postMessage({ ganlib: true, height: '900' }, '*')")
    assert heights()[1] == 200, "a height is a number"


@each_place
def test_a_link_brings_back_the_state(book, where):
    page = book(where=where)
    frame = frame_of(page, "toy")
    frame.get_by_role("combobox", name="Colour", exact=True).select_option("orange")
    press(frame, "forward")
    press(frame, "step")
    before = frame.evaluate(PIXELS)
    link = frame.get_by_role("button", name="Link", exact=True)
    link.click()
    field = frame.get_by_label("The state as text, to copy")
    assert field.evaluate("e => e === document.activeElement"), "the text is selected, to be copied"
    assert field.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)") == field.input_value()
    page.wait_for_function("location.hash.length > 5")
    address = field.input_value()
    assert address == page.url and address.endswith("#toy?radius=1&colour=generated&ring=true&t=101")
    length = page.evaluate("history.length")
    link.click()
    settled(page)
    assert page.evaluate("history.length") == length, "no entry in the history"
    # Opened anew, below a screen of other things.
    again = book(where=where, before='<div style="height:2000px"></div>', hash=f"#{address.split('#')[1]}")
    again.wait_for_function("Math.abs(document.getElementById('toy').getBoundingClientRect().top) < 100")
    frame = frame_of(again, "toy")
    until(frame, "t = 101 steps")
    assert frame.evaluate(PIXELS) == before
    assert frame.get_by_role("combobox", name="Colour", exact=True).input_value() == "generated"


def test_a_link_on_the_same_page(book, sources):
    page = book(Toy(sources), Toy(sources, id="toy-2"), before='<a href="#toy-2?t=7">look</a>', hash="#toy-2?t=5")
    first, second = frame_of(page, "toy"), frame_of(page, "toy-2")
    until(second, "t = 5 steps")
    settled(page)
    assert clock(first) == 0
    page.get_by_text("look").press("Enter")
    until(second, "t = 7 steps")
    assert clock(first) == 0
    page.evaluate("location.hash = 'toy?t=3'")
    until(first, "t = 3 steps")
    assert clock(second) == 7


def test_a_new_theme_does_not_undo_what_was_done_since(book):
    page = book(hash="#toy?t=50")
    frame = frame_of(page, "toy")
    until(frame, "t = 50 steps")
    press(frame, "step")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    frame.wait_for_function("document.documentElement.classList.contains('dark')")
    assert clock(frame) == 51


def test_a_frame_that_comes_late_is_told_too(book, sources):
    page = book(Toy(sources, id="first"))
    frame_of(page, "first")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.evaluate("history.replaceState(null, '', '#toy?t=9')")
    page.evaluate("html => document.getElementById('after').insertAdjacentHTML('beforebegin', html)", Toy(sources).html)
    frame = frame_of(page, "toy")
    until(frame, "t = 9 steps")
    assert tinted(frame) == [True, True]


def write(page, message):
    """From the page to the figure."""
    page.evaluate("message => document.querySelector('.live iframe').contentWindow.postMessage(message, '*')", message)


def test_strangers_are_not_listened_to(book):
    stranger = html.escape("<script>onmessage = () => { document.title = 'told'; }; parent.postMessage({ ganlib: true, "
                           "hello: true, height: 999, state: 'bad=1' }, '*');</script>")
    page = book(before=f'<iframe title="Stranger" id="stranger" sandbox="allow-scripts" srcdoc="{stranger}"></iframe>')
    frame = frame_of(page, "toy")
    settled(page)
    height = page.evaluate("document.querySelector('.live iframe').style.height")
    other = page.query_selector("#stranger").content_frame()
    assert page.evaluate("location.hash") == "" and other.title() != "told"
    assert page.evaluate("document.getElementById('stranger').style.height") == ""
    # The page may be written to by itself, and its figure by a frame beside it: neither is heard.
    page.evaluate("postMessage({ ganlib: true, height: 999, state: 'bad=1' }, '*')")
    other.evaluate("parent.frames[1].postMessage({ ganlib: true, theme: 'dark', state: 't=66' }, '*')")
    write(page, {"theme": "dark", "state": "t=5"})
    write(page, None)
    settled(page)
    assert page.evaluate("location.hash") == "" and clock(frame) == 0 and tinted(frame) == [False, False]
    assert page.evaluate("document.querySelector('.live iframe').style.height") == height


def test_a_page_that_tells_no_theme_changes_none(book):
    page = book(head="", scheme="dark")
    frame = frame_of(page, "toy")
    write(page, {"ganlib": True, "state": "t=5"})
    until(frame, "t = 5 steps")
    assert tinted(frame) == [True, True]
    page.emulate_media(color_scheme="light")
    frame.wait_for_function("!document.documentElement.classList.contains('dark')")


def test_arrow_keys_on_a_plane_move_its_point_and_not_the_time(book):
    page = book()
    frame = frame_of(page, "toy")
    plane = frame.get_by_label("A point on a circle")
    plane.press("ArrowRight")
    assert frame.get_by_role("slider", name="Radius").input_value() == "1.1" and clock(frame) == 0
    plane.press("Home")
    plane.press("PageDown")
    assert clock(frame) == 100, "other keys are the player's"


def test_a_figure_that_cannot_be_built_leaves_the_picture(book, sources):
    figure = Toy(sources, {"fails": True})
    page = book(figure)
    page.wait_for_selector("figure#toy iframe").content_frame().wait_for_function("!document.getElementById('figure')")
    settled(page)
    box = page.locator("#toy > img").bounding_box()
    seen = page.screenshot(clip={"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]})
    assert [f for f in page.noticed if "a toy that fails" in f]
    page.noticed.clear()
    page.evaluate("document.querySelector('iframe').style.visibility = 'hidden'")
    bare = page.screenshot(clip={"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]})
    pixels = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in (seen, bare)]
    assert pixels[0].tobytes() == pixels[1].tobytes() and len(pixels[0].getcolors(1 << 20)) > 20
    assert base64.b64decode(re.search("base64,([^\"]+)", figure.html)[1]) == figure.picture
