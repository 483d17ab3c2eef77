"""How long do our metrics take, and how much memory, beside torchmetrics?  python benchmarks/metrics.py

The same features for both, in float64, 64 and 784 of them: the Fréchet distance and the kernel distance, updates
included, and the streaming of batches of 2,048 features. Memory: what the largest kernel distance adds to the peak of a
fresh process. Two minutes on one core. The values agree; tests/metrics says to how many digits.
"""

import subprocess
import sys
import warnings
from functools import partial

import torch
from paired import ratios, store

from ganlib import metrics

LARGE = 6000  # samples on each side of the kernel distance whose memory is compared
LIMITS = {"time": 1.0, "memory": 0.25}
SMALL = 2.0  # the limit where both take a few milliseconds, of which ours spends one on checking its arguments


class Given(torch.nn.Module):
    """For torchmetrics: the pictures are the features already."""

    def __init__(self, d: int):
        super().__init__()
        self.num_features = d

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def features(n: int, d: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=generator, dtype=torch.float64) + 0.1 * seed


def their_frechet(x: torch.Tensor, y: torch.Tensor) -> float:
    from torchmetrics.image.fid import FrechetInceptionDistance
    metric = FrechetInceptionDistance(Given(x.shape[1])).set_dtype(torch.float64)
    metric.update(x, real=True)
    metric.update(y, real=False)
    return float(metric.compute())


def their_kernel(x: torch.Tensor, y: torch.Tensor) -> float:
    from torchmetrics.image.kid import KernelInceptionDistance
    metric = KernelInceptionDistance(Given(x.shape[1]), subsets=1, subset_size=len(x)).set_dtype(torch.float64)
    metric.update(x, real=True)
    metric.update(y, real=False)
    return float(metric.compute()[0])


def their_stream(batches: list[torch.Tensor]) -> object:
    from torchmetrics.image.fid import FrechetInceptionDistance
    metric = FrechetInceptionDistance(Given(batches[0].shape[1])).set_dtype(torch.float64)
    for batch in batches:
        metric.update(batch, real=True)
    return metric


def our_stream(batches: list[torch.Tensor]) -> object:
    moments = metrics.Moments()
    for batch in batches:
        moments.update(batch)
    return moments


def peak(which: str) -> float:
    """Megabytes that a process which has done a small kernel distance needs besides for one of `LARGE` samples."""
    code = (f"import sys; sys.path.insert(0, {sys.path[0]!r}); import metrics as m, pathlib, re\n"
            "def kilobytes(key):\n"  # VmHWM, the peak; not getrusage's, which a child inherits from its parent
            "    return int(re.search(key + r':\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1])\n"
            f"work = m.their_kernel if {which!r} == 'theirs' else m.metrics.kernel_distance\n"
            "work(m.features(50, 64), m.features(50, 64, 1))\n"
            f"x, y = m.features({LARGE}, 64), m.features({LARGE}, 64, 1)\n"
            "before = kilobytes('VmRSS'); work(x, y)\n"
            "print((kilobytes('VmHWM') - before) / 1024)")
    out = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    return float(out.stdout.split()[-1])


def main() -> None:
    warnings.filterwarnings("ignore", module="torchmetrics")
    rows = {}
    for n, d in ((2000, 64), (2000, 784), (200, 784)):
        x, y = features(n, d), features(n, d, 1)
        rows[f"time, Fréchet distance, {n:,} samples of {d} features"] = ratios(
            partial(metrics.frechet_distance, x, y), partial(their_frechet, x, y), 5)
    x, y = features(2000, 64), features(2000, 64, 1)
    rows["time, kernel distance, 2,000 of 64 features"] = ratios(
        lambda: metrics.kernel_distance(x, y), lambda: their_kernel(x, y), 5)
    batches = [features(100, 2048, seed) for seed in range(5)]
    rows["time, 5 batches of 100, 2,048 features"] = ratios(
        lambda: our_stream(batches), lambda: their_stream(batches), 5)
    rows[f"memory, kernel distance, {LARGE:,} samples of 64 features"] = [peak("ours") / peak("theirs")]
    store("metrics", "Our metrics beside torchmetrics 1.9: time and memory, as ratios ours / theirs", rows,
          {case: SMALL if "2,000 samples of 64" in case else LIMITS[case.split(",")[0]] for case in rows})


if __name__ == "__main__":
    main()
