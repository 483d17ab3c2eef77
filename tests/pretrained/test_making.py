"""The commands on two tiny recipes: make, go on, measure, check; and whatever is corrupted is found."""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from ganlib import pretrained
from ganlib.networks.dcgan import DCGANGenerator
from ganlib.pretrained import __main__ as command
from ganlib.pretrained import checking, looking, making, recipe

main = command.main


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*")}


def test_make(folder, capsys):
    state = torch.get_rng_state()
    assert recipe.names() == ("couple", "tiny") and pretrained.names() == ()
    assert main(["make", "tiny"]) == 0
    assert torch.equal(torch.get_rng_state(), state)
    assert set(files(folder)) == {"tiny.json", "tiny.png", "tiny.safetensors"}
    about, printed = pretrained.record("tiny"), capsys.readouterr().out
    assert about["settings"] == {"loss": "hinge", "seed": 3, "steps": 130, "batch": 2, "ema_decay": 0.5,
                                 "lr": "cosine(start=0.001, end=0.0001)"}
    assert about["kind"] == "DCGANGenerator" and about["device"] == "cpu" and about["note"] == "for a test"
    assert about["quality"].keys() == about["before_storing"].keys() == {"mean", "counts", "what"}
    mean, before = (about[key]["mean"]["generated"] for key in ("quality", "before_storing"))
    assert mean == pytest.approx(before, abs=0.01) and "tiny: " in printed and str(mean) in printed
    network = pretrained.load("tiny")
    assert not network.norms and about["parameters"] == sum(p.numel() for p in network.parameters())
    with Image.open(folder / "tiny.png") as picture:
        assert picture.size == (224, 224) and picture.mode == "L"
    assert not list(folder.parent.glob("ganlib-make*")), "what a whole run leaves in the temporary folder is removed"


def test_the_same_as_by_hand(tiny):
    """`make` is train, the average, batch norm's statistics anew, and 8 bits; the grid is 64 latents from seed 2."""
    made = sys.modules["ganlib.pretrained.recipes.tiny"]
    from ganlib import losses
    from ganlib.games import Game
    from ganlib.networks.dcgan import DCGANDiscriminator
    from ganlib.training import train
    game = Game(DCGANGenerator(3, (4, 4)), DCGANDiscriminator((4,)), latent=3, loss=losses.hinge)
    train(game, made.DATA, device="cpu", **made.TRAINING)
    network = pretrained.quantised(recipe.settled(game.average))
    for key, value in pretrained.load("tiny").state_dict().items():
        assert torch.equal(value, network.state_dict()[key])
    torch.manual_seed(2)
    with torch.no_grad():
        x = network(torch.randn(64, 3))
    kept = np.asarray(Image.open(tiny / "tiny.png")).reshape(8, 28, 8, 28).swapaxes(1, 2).reshape(64, 28, 28)
    assert np.abs(kept / 127.5 - 1 - x.squeeze(1).numpy()).max() < 0.6 / 127.5


@pytest.mark.parametrize("given", [[], ["--work", "work"]])
def test_a_run_that_was_cut_short_goes_on(folder, given, capsys, monkeypatch):
    given = [str(folder.parent / word) if word == "work" else word for word in given]
    assert main(["make", "tiny"]) == 0
    whole = pretrained.record("tiny")["sha256"]
    for path in folder.glob("*"):
        path.unlink()
    data = sys.modules["ganlib.pretrained.recipes.tiny"].DATA
    sample, calls = data.sample, []

    def interrupted(rows, *rest):
        calls.append(rows)
        if len(calls) == 120:
            raise KeyboardInterrupt
        return sample(rows, *rest)

    monkeypatch.setattr(data, "sample", interrupted)
    capsys.readouterr()
    assert main(["make", "tiny", *given]) == 130 and "nothing was stored" in capsys.readouterr().err
    assert not files(folder)
    work = Path(given[1]) if given else folder.parent / "ganlib-make-tiny"
    assert json.loads((work / "seconds.json").read_text())["cpu"] > 0
    (work / "seconds.json").write_text('{"cpu": 5000.0, "wall": 6000.0}')
    assert main(["make", "tiny", *given]) == 0
    assert len(calls) == 120 + 30, "from step 100 on"
    about = pretrained.record("tiny")
    assert about["sha256"] == whole and 5000 <= about["seconds"] < 6000, "of both runs, of the processor"


def test_other_settings_do_not_go_on(folder, tmp_path, capsys):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "settings.json").write_text('{"seed": 4}')
    assert main(["make", "tiny", "--work", str(tmp_path / "work")]) == 2
    assert "holds a run with other settings, {'seed': 4}" in capsys.readouterr().err and not files(folder)


def test_to_another_folder(folder, tmp_path):
    assert main(["make", "couple", "--to", str(tmp_path / "elsewhere")]) == 0
    assert set(files(tmp_path / "elsewhere")) == {"couple.json", "couple.safetensors"} and not files(folder)


def test_several_networks_without_a_grid(folder, capsys):
    assert main(["make", "couple"]) == 0
    about, both = pretrained.record("couple"), pretrained.load("couple")
    assert about["kind"] == {"a": "DCGANGenerator", "b": "Classifier"} and about["grid"] is None
    assert about["bits"] == 16 and about["once"] == {"slow": 0.3333} and "slow" in capsys.readouterr().out
    assert isinstance(both, nn.ModuleDict) and not both["a"].norms
    weight = both["b"].head.weight
    assert torch.equal(weight.half().float(), weight)
    assert main(["check", "couple"]) == 0
    assert pretrained.names("DCGANGenerator") == () and pretrained.names() == ("couple",)
    (folder / "couple.png").write_bytes(b"")
    assert main(["check", "couple"]) == 1 and "draws no samples" in capsys.readouterr().out


def test_the_list_and_the_table(tiny, capsys):
    assert main([]) == 0
    listed = capsys.readouterr().out
    assert "tiny: tiny ones; " in listed and "mean.generated -0." in listed
    assert "couple: a couple; not made yet" in listed
    assert main(["check", "tiny"]) == 0
    table = capsys.readouterr().out
    assert table.count("✓") == 4 and "✗" not in table and "All are what their records say" in table
    assert main(["check"]) == 1, "one is not made yet"
    table = capsys.readouterr().out
    assert table.count("✓") == 4 and table.count("✗") == 1 and "couple, file: not made yet" in table
    for words in (["check", "gpt"], ["make", "gpt"], ["measure", "gpt"]):
        assert main(words) == 2 and "must be" in capsys.readouterr().err


def test_measuring_anew(tiny, capsys):
    """After the recipe's words or measures changed; weights and the facts of the training stay."""
    before = files(tiny)
    about = pretrained.record("tiny")
    (tiny / "tiny.json").write_text(json.dumps({**about, "title": "old", "quality": {"old": 1}, "seconds": 77}))
    (tiny / "tiny.png").unlink()
    assert main(["check", "tiny"]) == 1
    assert main(["measure", "tiny"]) == 0 and main(["check", "tiny"]) == 0
    assert pretrained.record("tiny") == {**about, "seconds": 77}
    assert files(tiny)["tiny.png"] == before["tiny.png"]


def test_what_is_slow_is_measured_anew_only_if_asked(folder, capsys):
    assert main(["make", "couple"]) == 0
    path = folder / "couple.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "once": {"slow": 7}}))
    assert main(["measure", "couple"]) == 0 and pretrained.record("couple")["once"] == {"slow": 7}
    assert main(["measure", "--once", "couple"]) == 0 and pretrained.record("couple")["once"] == {"slow": 0.3333}


# What is corrupted is found

def change(folder: Path, **entries) -> None:
    path = folder / "tiny.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))


def part_of(part: str, **entries) -> None:
    """Change entries of an entry that is a dict."""
    change(pretrained.FOLDER, **{part: {**pretrained.record("tiny")[part], **entries}})


def more(key: str) -> None:
    change(pretrained.FOLDER, **{key: pretrained.record("tiny")[key] + 1})


def worse() -> None:
    mean = pretrained.record("tiny")["quality"]["mean"]
    part_of("quality", mean={**mean, "generated": mean["generated"] * 1.1})


def flip(folder: Path) -> None:
    path = folder / "tiny.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x05")


def retrain(folder: Path) -> None:
    """Other weights, with a SHA-256 that fits."""
    network = pretrained.load("tiny")
    with torch.no_grad():
        network.layers[2].weight.mul_(-1)
    packed = pretrained.pack(network)
    (folder / "tiny.safetensors").write_bytes(packed)
    change(folder, sha256=hashlib.sha256(packed).hexdigest())


def paint(folder: Path, by: int) -> None:
    path = folder / "tiny.png"
    pixels = np.asarray(Image.open(path)).astype(int)
    pixels[100, 100] += by if pixels[100, 100] < 128 else -by
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:300])


CORRUPTIONS = {
    "a byte of the weights": (flip, "file"),
    "other weights": (retrain, "grid"),
    "no weights": (lambda folder: (folder / "tiny.safetensors").unlink(), "file"),
    "the grid": (lambda folder: paint(folder, 3), "grid"),
    "no grid": (lambda folder: (folder / "tiny.png").unlink(), "grid"),
    "no picture": (lambda folder: (folder / "tiny.png").write_bytes(b"<html>"), "grid"),
    "half a picture": (lambda folder: half(folder / "tiny.png"), "grid"),
    "a smaller picture": (lambda folder: Image.new("L", (28, 28)).save(folder / "tiny.png"), "grid"),
    "no JSON": (lambda folder: half(folder / "tiny.json"), "file"),
    "no arguments": (lambda folder: change(folder, arguments={}), "file"),
    "sizes": (lambda folder: part_of("arguments", channels=[4, 5]), "file"),
    "class": (lambda folder: change(folder, kind="GPT"), "file"),
    "bytes": (lambda folder: more("bytes"), "file"),
    "parameters": (lambda folder: more("parameters"), "record"),
    "title": (lambda folder: change(folder, title="huge ones"), "record"),
    "data": (lambda folder: change(folder, data="mnist"), "record"),
    "note": (lambda folder: change(folder, note=""), "record"),
    "bits": (lambda folder: more("bits"), "record"),
    "steps": (lambda folder: part_of("settings", steps=131), "record"),
    "a setting more": (lambda folder: part_of("settings", momentum=1), "record"),
    "seeds": (lambda folder: part_of("seeds", quality=2), "record"),
    "facts of the grid": (lambda folder: part_of("grid", levels=200), "record"),
    "a measure": (lambda folder: worse(), "quality"),
    "a count": (lambda folder: part_of("quality", counts=[0, 0, 0, 0]), "quality"),
    "a measure less": (lambda folder: change(folder, quality={"mean": 1.0}), "quality"),
    "words": (lambda folder: part_of("quality", what="FID"), "quality"),
}


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_a_corruption_is_found(what, tiny, capsys):
    assert not any(checking.check("tiny").values())
    corrupt, part = CORRUPTIONS[what]
    corrupt(tiny)
    assert checking.check("tiny")[part]
    assert main(["check", "tiny"]) == 1
    assert "✗" in (table := capsys.readouterr().out) and f"tiny, {part}: " in table
    if part == "file" and what != "bytes":
        with pytest.raises((ValueError, OSError, TypeError, RuntimeError)):
            pretrained.load("tiny")


def test_what_another_machine_may_differ_in_passes(tiny):
    mean = pretrained.record("tiny")["quality"]["mean"]
    paint(tiny, 2)
    part_of("quality", mean={**mean, "generated": mean["generated"] * 1.02})
    assert main(["check", "tiny"]) == 0


def test_another_file_is_refused(tiny):
    flip(tiny)
    with pytest.raises(ValueError, match="must have SHA-256 .*; install ganlib anew"):
        pretrained.load("tiny")


# Nothing half-written

@pytest.mark.parametrize("module, name, wrong, message", [
    (making, "LARGEST", 1000, "must have at most 1,000 bytes, got"),
    (making, "drawn", lambda *_: (_ for _ in ()).throw(ValueError("drawn")), "drawn"),
    (making, "measured", lambda *_: (_ for _ in ()).throw(ValueError("measured")), "measured"),
])
def test_an_error_leaves_the_old_model(tiny, module, name, wrong, message, monkeypatch, capsys):
    before = files(tiny)
    monkeypatch.setattr(module, name, wrong)
    assert main(["make", "tiny", "--work", str(tiny.parent / "work")]) == 2 and message in capsys.readouterr().err
    assert files(tiny) == before


def test_a_full_disk_leaves_the_old_model(tiny, monkeypatch):
    before, write = files(tiny), Path.write_bytes

    def full(path, content):
        if path.name == "tiny.png.part":
            raise OSError("no space left")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    assert main(["make", "tiny", "--work", str(tiny.parent / "work")]) == 2
    assert files(tiny) == before


@pytest.mark.parametrize("wrong, message", [
    (lambda work: DCGANGenerator(3, (4, 4)), "make must return a network in eval mode, got DCGANGenerator"),
    (lambda work: "network", "must return a network in eval mode, got str"),
])
def test_what_make_returns_is_checked(folder, tmp_path, wrong, message, monkeypatch):
    monkeypatch.setattr(recipe, "find", lambda name: recipe.Recipe("t", "d", wrong, lambda network: {}, {"seed": 0}))
    with pytest.raises(ValueError, match=message):
        making.make("tiny", tmp_path / "w")


def test_a_module_without_a_recipe_is_named(folder):
    (folder.parent / "recipes" / "empty.py").write_text("")
    with pytest.raises(TypeError, match=r"recipes/empty\.py must hold a Recipe named RECIPE, got NoneType"):
        recipe.find("empty")


# The parts

@pytest.mark.parametrize("said, found, differs", [
    (1.0, 1.04, []), (1.0, 1.06, ["quality"]), (-1.0, 1.0, ["quality"]), (0, 0, []), (0, 0.001, ["quality"]),
    ([100, 2], [101, 4], []), ([100, 2], [100, 9], ["quality"]), ([1, 2], [1, 2, 3], ["quality"]),
    ("a", "a", []), ("a", "b", ["quality"]), (None, None, []), (1.0, None, ["quality"]), (1.0, "1.0", ["quality"]),
    (float("nan"), 1.0, ["quality"]), (True, False, ["quality"]),
    ({"a": 1.0, "b": {"c": 1.0}}, {"a": 1.0, "b": {"c": 2.0}}, ["quality.b.c"]),
    ({"a": 1.0}, {"a": 1.0, "b": 1.0}, ["quality"]), ({"a": 1.0}, 1.0, ["quality"]),
])
def test_differences(said, found, differs):
    texts = looking.differences(said, found, 0.05)
    assert [text.split(" ")[0] for text in texts] == differs


def test_sheet():
    pictures = torch.linspace(-1, 1, 64 * 3 * 2 * 5).reshape(64, 3, 2, 5)
    grid = looking.sheet(pictures)
    assert grid.shape == (16, 40, 3) and grid.dtype == np.uint8 and grid.min() == 0 and grid.max() == 255
    for i, (row, column) in ((0, (0, 0)), (9, (1, 1)), (63, (7, 7))):
        cell = grid[2 * row:2 * row + 2, 5 * column:5 * column + 5]
        assert np.abs(cell / 127.5 - 1 - pictures[i].permute(1, 2, 0).numpy()).max() < 0.51 / 127.5
    for wrong in (pictures[:63], pictures[:, :2], pictures * 2, pictures * float("nan")):
        with pytest.raises(ValueError, match="samples must be 64 pictures of 1 or 3 channels"):
            looking.sheet(wrong)


def test_settled():
    """Batch norm's statistics become those of the averaged generator; a mean of w is measured."""
    torch.manual_seed(1)
    generator = DCGANGenerator(3, (4, 4))
    for norm in generator.norms:
        norm.running_mean.fill_(7.0)
        norm.num_batches_tracked.fill_(1000)  # of the training
    assert recipe.settled(generator) is generator and not generator.training
    with torch.no_grad():
        x = generator.layers[0](torch.randn(20_000, 3)[:, :, None, None])
    norm = generator.norms[0]
    assert torch.allclose(norm.running_mean, x.mean((0, 2, 3)), atol=0.005)
    assert torch.allclose(norm.running_var, x.var((0, 2, 3)), rtol=0.05)
    from ganlib.networks.stylegan import StyleGenerator
    style = StyleGenerator(4, (4, 4, 4), 2)
    recipe.settled(style)
    assert style.mean_w.abs().max() > 0
