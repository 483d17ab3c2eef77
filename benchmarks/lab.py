"""How fast is the lab in the page, and how large are the figures?  python benchmarks/lab.py

Speed: training steps a second of CPU time of the browser's page (G 2-32-32-2, D 2-32-32-1, tanh, batch 128, k = 1) with
the WebAssembly kernel and without, and ganlib's own `train` of the same game on one thread beside it. Frames: the lab
plays at full speed in a page. Bytes: after gzip, by figure, its data (settings, recorded runs, weights) not counted.
"""

import gzip
import json
import statistics
import sys
import time
from pathlib import Path

import psutil
from paired import MACHINE, RESULTS
from playwright.sync_api import Browser

from ganlib.figures.lab import DATA, lab
from ganlib.figures.live import document, script
from ganlib.games import Game
from ganlib.networks import MLP
from ganlib.training import train

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from conftest import HINT, chromium

STEPS, ROUNDS, SECONDS = 3000, 5, 5
FIGURES = ("lab", "dirac", "saturation", "by_hand", "player", "latent")
GAME = 'new Game({ data, activation: "tanh", lrG: 0.001, lrD: 0.003, seed: 1, batch: 128, hidden: [32, 32] })'


def cpu_seconds(browser: psutil.Process) -> float:
    """CPU time of the browser's processes so far: whatever the page makes them do counts."""
    times = [process.cpu_times() for process in [browser, *browser.children(recursive=True)] if process.is_running()]
    return sum(t.user + t.system for t in times)


def in_page(browser: Browser, process: psutil.Process, before: str = "") -> float:
    """Steps a CPU second of one game, after a second of warming up. before: script that runs first."""
    page = browser.new_page()
    page.add_script_tag(content=before + script("run", expose=True))
    page.evaluate(f"""([centers, std]) => {{
      const data = new Mixture(centers, std);
      window.game = {GAME};
      for (let i = 0; i < 1000; i++) game.step();
    }}""", [DATA["ring"][1].centers.tolist(), DATA["ring"][1].std])
    start = cpu_seconds(process)
    page.evaluate(f"() => {{ for (let i = 0; i < {STEPS}; i++) game.step(); }}")
    spent = cpu_seconds(process) - start
    page.close()
    return STEPS / spent


def in_torch() -> float:
    game = Game(MLP(2, 32, 32, 2, activation="tanh"), MLP(2, 32, 32, 1, activation="tanh"), latent=2)
    start = time.process_time()
    train(game, DATA["ring"][1], steps=STEPS, lr=(1e-3, 3e-3), device="cpu", progress=False)
    return STEPS / (time.process_time() - start)


def frames(browser: Browser, speed: str) -> dict[str, float]:
    """Frames and training steps a second of the lab at a speed, of wall time."""
    page = browser.new_page(viewport={"width": 800, "height": 1300})
    page.set_content(lab().html)
    frame = page.frames[1]
    frame.get_by_label("Speed").select_option(speed)
    frame.get_by_role("button", name="Play", exact=False).nth(0).click()
    steps = "() => +document.querySelector('output[aria-label=time]').textContent.replace(/[^0-9]/g, '')"
    time.sleep(1)
    first = frame.evaluate(steps)
    rate = frame.evaluate(f"""() => new Promise((done) => {{
      let n = 0;
      const start = performance.now();
      const count = () => {{
        n++;
        const spent = performance.now() - start;
        if (spent < {SECONDS * 1000}) requestAnimationFrame(count);
        else done(n / spent * 1000);
      }};
      requestAnimationFrame(count);
    }})""")
    found = {"frames a second": rate, "steps a second": (frame.evaluate(steps) - first) / SECONDS}
    page.close()
    return found


def packed(text: str) -> int:
    return len(gzip.compress(text.encode(), 9))


def main() -> None:
    with chromium() as browser:
        if browser is None:
            raise SystemExit(HINT)
        process = max((p for p in psutil.Process().children(recursive=True) if "chrom" in p.name()),
                      key=lambda p: len(p.children(recursive=True)))
        speed: dict[str, list[float]] = {"page, WebAssembly": [], "page, JavaScript only": [], "torch, one thread": []}
        for _ in range(ROUNDS):
            speed["page, WebAssembly"].append(in_page(browser, process))
            speed["page, JavaScript only"].append(in_page(browser, process, "delete globalThis.WebAssembly;\n"))
            speed["torch, one thread"].append(in_torch())
        drawn = {f"{s}×": frames(browser, s) for s in ("1", "4")}
    sizes = {"engine (with its kernel)": packed(script("game")), **{n: packed(document(n, "", {})) for n in FIGURES}}
    sizes |= {"lab without the engine": sizes["lab"] - packed(script("game")),
              "latent without the kernel": sizes["latent"] - packed(script("kernel"))}
    torch = statistics.median(speed["torch, one thread"])
    lines = ["# How fast is the lab in the page, and how large are the figures?", "", f"{MACHINE}, headless Chromium.",
             "", "| training steps a CPU second | median | least | greatest | times torch's |", "|---|---|---|---|---|"]
    lines += [f"| {name} | {statistics.median(v):,.0f} | {min(v):,.0f} | {max(v):,.0f} | "
              f"{statistics.median(v) / torch:.2f} |" for name, v in speed.items()]
    lines += ["", "| the lab playing at speed | frames a second | steps a second |", "|---|---|---|"]
    lines += [f"| {name} | {v['frames a second']:.1f} | {v['steps a second']:.0f} |" for name, v in drawn.items()]
    lines += ["", "| program and style | bytes after gzip |", "|---|---|"]
    lines += [f"| {name} | {size:,} |" for name, size in sizes.items()]
    (RESULTS / "lab.md").write_text("\n".join(lines) + "\n")
    (RESULTS / "lab.json").write_text(json.dumps({"machine": MACHINE, "speed": speed, "frames": drawn, "bytes": sizes},
                                                 indent=1) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
