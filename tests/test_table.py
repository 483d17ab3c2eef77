"""The table of losses and penalties: its cells, its honesty about runs that diverge, its file and its command."""

import json
import math

import numpy as np
import ot
import pytest
import torch
from matplotlib import pyplot as plt

from ganlib import losses, table, theory
from ganlib.table import Cell
from ganlib.training import Diverged, train

SCORE = [8.0, 0.5, 0.01, 0.2]


def entry(cell, *runs):
    return {**cell._asdict(), "runs": list(runs)}


@pytest.fixture
def fast(monkeypatch):
    """No training: every run has one score, but those of least squares with seed 1, which diverge."""
    monkeypatch.setattr(table, "run", lambda cell, seeds, steps: [
        None if cell.loss == "least_squares" and seed == 1 else SCORE for seed in seeds])


def test_the_cells_are_all_losses_with_all_penalties():
    every = table.cells()
    assert len(every) == len(set(every)) == 6 * 8 * 2
    assert {c.loss for c in every} == set(losses.ALL)
    assert table.cells({"loss": ["hinge"], "rates": ["equal"]}) == [Cell("hinge", p, "equal") for p in table.PENALTIES]


@pytest.mark.parametrize("penalty", table.PENALTIES)
def test_every_penalty_trains_and_does_something(penalty, monkeypatch):
    monkeypatch.setattr(table, "score", lambda game, seed: [
        sum(parameter.detach().abs().sum().item() for parameter in game.generator.parameters())])
    (found,) = table.run(Cell("hinge", penalty, "equal"), [3], 5)
    (plain,) = table.run(Cell("hinge", "none", "equal"), [3], 5)
    assert found is not None and math.isfinite(found[0])
    game = table.game(Cell("hinge", penalty, "equal"))
    parts = (game.penalty is not None, game.constraint is not None, game.discriminator.spectral)
    assert sum(parts) == (penalty != "none")
    assert (found == plain) == (penalty == "none")


def test_the_zero_centred_penalties_are_equally_strong():
    """On a linear critic of slope s each of them is γ/2 · s², and R1 + R2 twice that."""
    w = torch.tensor([[3.0], [4.0]])
    x = torch.randn(64, 2)
    value = {name: float(table.game(Cell("hinge", name, "equal")).penalty(lambda s: s @ w, x, x + 1))
             for name in ("GP, centre 0", "R1", "R2", "R1 + R2")}
    one = table.GAMMA / 2 * 25
    assert value == pytest.approx({"GP, centre 0": one, "R1": one, "R2": one, "R1 + R2": 2 * one}, rel=1e-5)


def test_a_run_is_that_of_train():
    cell = Cell("relativistic", "R1", "G twice")
    single = table.game(cell)
    train(single, table.RING, steps=3, seed=5, batch=64, lr=(2e-3, 1e-3), device="cpu", progress=False)
    (found, _) = table.run(cell, [5, 6], 3)
    assert found == pytest.approx(table.score(single, 5), abs=5e-3)


def test_scoring_takes_no_random_number_from_the_caller():
    game = table.game(Cell("hinge", "none", "equal"))
    torch.manual_seed(0)
    table.score(game, 1)
    after = torch.rand(1)
    torch.manual_seed(0)
    assert torch.equal(after, torch.rand(1)) and table.score(game, 1) == table.score(game, 1)


@pytest.mark.parametrize("bad", [set(), {0}, {5}, {2, 3}, set(range(8))])
def test_diverged_runs_are_counted_and_the_others_kept(bad, monkeypatch):
    class Done:
        def __init__(self, seed):
            self.seed, self.game = seed, None

    def ensemble(game, ring, *, seeds, **settings):
        if bad & set(seeds):
            raise Diverged("not finite", [])
        return [Done(seed) for seed in seeds]

    monkeypatch.setattr(table, "ensemble", ensemble)
    monkeypatch.setattr(table, "score", lambda game, seed: [float(seed)])
    found = table.run(Cell("wasserstein", "none", "equal"), range(8), 10)
    assert found == [None if seed in bad else [float(seed)] for seed in range(8)]


def test_matched_distance():
    x, y = torch.randn(60, 2), torch.randn(60, 2) + 1
    weights = np.full(60, 1 / 60)
    assert table.matched_distance(x, y) == pytest.approx(
        ot.emd2(weights, weights, torch.cdist(x, y).double().numpy()), abs=1e-6)
    assert table.matched_distance(x, x[torch.randperm(60)]) == pytest.approx(0, abs=1e-9)
    assert table.matched_distance(x, x + torch.tensor([3.0, 4.0])) == pytest.approx(5, abs=1e-5)
    assert table.matched_distance(x[:, :1], y[:, :1]) == pytest.approx(
        float(theory.wasserstein_1d(x[:, 0], y[:, 0])), abs=1e-6)


def test_ranks():
    assert table.ranks(16) == (4, pytest.approx(1 - 2 * (1 + 16 + 120 + 560) / 2**16))
    assert table.ranks(8) == (1, pytest.approx(1 - 2 / 2**8))
    assert table.ranks(6)[0] == 1 and table.ranks(9)[0] == 2
    assert table.ranks(4) == (1, pytest.approx(0.875))  # there is none better
    assert table.ranks(1) == (1, pytest.approx(0.0))


def test_summary_counts_a_diverged_run_as_the_worst():
    cell = Cell("hinge", "R1", "equal")
    runs = [[8.0, 0.9, 0.01 * i, 0.1 * i] for i in range(1, 9)]
    assert table.summary(entry(cell, *runs), "distance") == pytest.approx((0.45, 0.1, 0.8, 0))
    lost = entry(cell, *runs[:7], None)
    assert table.summary(lost, "distance") == pytest.approx((0.45, 0.1, math.inf, 1))
    assert table.summary(lost, "modes")[:3] == (8.0, 0.0, 8.0)
    assert math.isinf(table.summary(entry(cell, None, None, SCORE), "reverse_kl").median)
    with pytest.raises(ValueError, match="measure must be 'modes' or"):
        table.summary(lost, "fid")


def test_the_command_writes_prints_and_goes_on(fast, tmp_path, capsys):
    file = tmp_path / "new.json"
    assert table.main([str(file), "--seeds", "2", "--steps", "7"]) == 0
    shown = capsys.readouterr()
    assert "distance, learning rates: G twice" in shown.out and "96/96" in shown.err and "†" in shown.out
    full = table.load(file)
    assert len(full["cells"]) == 96 and full["manifest"]["seeds"] == [0, 1] and full["manifest"]["steps"] == 7
    part = {**full, "cells": full["cells"][:90]}
    table.save(part, file)
    assert table.main([str(file), "--seeds", "2", "--steps", "7"]) == 0
    assert len(capsys.readouterr().err.splitlines()) == 6  # only what was missing
    assert table.load(file)["cells"] == full["cells"]
    assert table.main(["--show", str(file)]) == 0
    assert capsys.readouterr().out == shown.out


def test_quick_writes_nothing(fast, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert table.main(["--quick"]) == 0
    assert not list(tmp_path.iterdir()) and "Median of 3 seeds" in capsys.readouterr().out


@pytest.mark.parametrize("words, message", [
    (["--seeds", "0"], "--seeds must be a whole number of at least 1, got 0"),
    (["--steps", "-3"], "--steps must be a whole number of at least 1, got -3"),
    (["--show", "nowhere.json"], "nowhere.json"),
])
def test_wrong_words(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert table.main(words) == 2
    assert message in capsys.readouterr().err


def test_files_that_do_not_fit(fast, tmp_path, capsys):
    file = tmp_path / "table.json"
    file.write_text('{"cells": 3}')
    assert table.main([str(file)]) == 2
    assert "is not a table written by" in capsys.readouterr().err
    file.unlink()
    assert table.main([str(file), "--steps", "5", "--seeds", "1"]) == 0
    assert table.main([str(file), "--steps", "6", "--seeds", "1"]) == 2
    assert "was made with steps = 5, this run has 6" in capsys.readouterr().err


def test_heat_map_says_every_number(fast):
    full = table.new(range(2), 1)
    table.fill(full, table.cells())
    figure, axes = plt.subplots()
    table.heat_map(axes, full, "distance", "equal", (0.1, 1.0))
    texts = [text.get_text() for text in axes.texts]
    assert texts.count("0.20") == 40 and texts.count("∞") == 8  # the mean of one run and one that diverged is ∞
    plt.close(figure)
    with pytest.raises(ValueError, match="there is no cell"):
        table.find({"cells": []}, Cell("hinge", "R1", "equal"))


def test_the_recorded_table_is_the_whole_and_was_made_by_this_code():
    full = table.load()
    manifest = full["manifest"]
    assert [Cell(e["loss"], e["penalty"], e["rates"]) for e in full["cells"]] == table.cells()
    assert manifest["steps"] == table.STEPS and manifest["seeds"] == list(range(table.SEEDS))
    assert (manifest["gamma"], manifest["lambda"], manifest["clip"]) == (table.GAMMA, table.LAMBDA, table.LIMIT)
    assert {name: tuple(pair) for name, pair in manifest["rates"].items()} == table.RATES
    assert manifest["cpu_seconds"] < 15 * 60 and 0.05 < manifest["floor"] < 0.12
    for e in full["cells"]:
        assert len(e["runs"]) == table.SEEDS
        for modes, high_quality, reverse_kl, distance in filter(None, e["runs"]):
            assert modes in range(9) and 0 <= high_quality <= 1
            assert 0 <= reverse_kl < math.log(8) + 1e-3 and distance > 0.05
    assert "NaN" not in json.dumps(full) and "Infinity" not in json.dumps(full)
