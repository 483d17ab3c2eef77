"""Live figures as stored outputs in a real JupyterLab: a notebook that is trusted, and one that is not."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from built import ROOT

sys.path.insert(0, str(ROOT / "tests" / "figures"))
from frames import clock, figures_to_test, frame_of, playing, press, requests

NAMES = ("lab", "dirac")   # the one with the WebAssembly kernel, and one without


@pytest.fixture(scope="module")
def figures():
    return [figures_to_test()[name]() for name in NAMES]


@pytest.fixture(scope="module")
def jupyterlab(tmp_path_factory, figures):
    """The address of a JupyterLab with the same notebook twice, whose settings and signatures are its own."""
    home = tmp_path_factory.mktemp("jupyter")
    own = {f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    own |= {f"JUPYTERLAB_{kind}_DIR": str(home / kind.lower()) for kind in ("SETTINGS", "WORKSPACES")}
    env = {**os.environ, **own, "IPYTHONDIR": str(home / "ipython"), "JUPYTER_PREFER_ENV_PATH": "1"}
    folder = home / "notebooks"
    folder.mkdir()
    for name in ("trusted", "untrusted"):
        cells = [nbformat.v4.new_code_cell(f"figures.{figure.id}()", execution_count=i + 1, outputs=[
            nbformat.v4.new_output("execute_result", figure._repr_mimebundle_(), execution_count=i + 1)])
            for i, figure in enumerate(figures)]
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
        # Another text, or the signature of the one would hold for the other.
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"# A notebook, {name}"))
        nbformat.write(notebook, folder / f"{name}.ipynb")
    subprocess.run([sys.executable, "-m", "jupyter", "trust", folder / "trusted.ipynb"], env=env, check=True,
                   capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (home / "log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
         "--ServerApp.port_retries=0", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}",
         "--LabApp.extension_manager=readonly", "--LabApp.news_url=None",
         "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"],
        env=env, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, Path(log.name).read_text()[-2000:]
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(20)
        log.close()


@pytest.fixture(scope="module")
def window(browser):
    context = browser.new_context(viewport={"width": 1200, "height": 900}, color_scheme="light")
    context.set_default_timeout(30_000)
    yield context
    context.close()


def opened(window, address, name):
    page = window.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(f"{address}/lab/tree/{name}.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-OutputArea-output figure.live")
    return page


def test_in_a_trusted_notebook_figures_play(jupyterlab, window, figures):
    page = opened(window, jupyterlab, "trusted")
    for figure in figures:
        frame = frame_of(page, figure.id)
        first = clock(frame)
        assert frame.evaluate("origin") == "null" and not playing(frame)
        press(frame, "step")
        one = clock(frame)
        assert one > first
        # Keys are the figure's while the focus is in it: k is "the cell above" to JupyterLab, x "cut".
        cells = page.locator(".jp-Notebook .jp-Cell").count()
        page.keyboard.press("k")
        frame.wait_for_function("document.querySelector('[aria-label=\"Pause (space)\"]')")
        page.keyboard.press("x")
        frame.wait_for_timeout(300)
        press(frame, "pause")
        assert clock(frame) > one
        page.keyboard.press("Home")
        assert clock(frame) == first
        assert page.locator(".jp-Notebook .jp-Cell").count() == cells
        assert requests(frame) == []
    assert not page.errors
    page.close()


def test_in_an_untrusted_notebook_the_picture_stays(jupyterlab, window, figures):
    page = opened(window, jupyterlab, "untrusted")
    assert page.locator(".jp-Notebook iframe").count() == 0
    for figure in figures:
        image = page.get_by_role("img", name=figure.alt, exact=True)
        image.scroll_into_view_if_needed()
        assert image.evaluate("e => e.complete && e.naturalWidth > 100")
        top = image.evaluate("""e => {
          const box = e.getBoundingClientRect();
          return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) === e;
        }""")
        assert top, "nothing lies over the picture"
    assert not page.errors
    page.close()
