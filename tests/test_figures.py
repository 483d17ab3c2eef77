"""Figures: what is shown carries its text, and the pictures have everything in its place."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.colors import to_hex

from ganlib import data, figures
from ganlib.games import Game
from ganlib.networks import MLP
from ganlib.training import History

ALT = "Two clouds of points, the real one above the generated one."


@pytest.fixture
def axes():
    figure, axes = figures.new()
    yield axes
    plt.close(figure)


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """What shows outputs in a notebook, without a notebook."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    InteractiveShell.instance()
    yield
    InteractiveShell.clear_instance()


def drawing():
    figure, axes = figures.new(2)
    torch.manual_seed(0)
    figures.samples(axes[0], data.ring().sample(50), data.ring().sample(50), limit=2)
    figures.discriminator_map(axes[1], lambda x: torch.sigmoid(x.sum(1)), limit=2)
    axes[0].legend()
    return figure


# ---- show
def test_show_displays_a_png_and_its_alternative_text(shell):
    figure = drawing()
    with capture_output() as captured:
        figures.show(figure, ALT)
    (output,) = captured.outputs
    assert set(output.data) == {"image/png", "text/plain"} and output.data["text/plain"] == ALT
    assert output.metadata == {"image/png": {"alt": ALT}}
    assert output.data["image/png"].startswith(b"\x89PNG\r\n\x1a\n") and captured.stdout == ""
    assert not plt.fignum_exists(figure.number)  # closed: the notebook does not show it a second time


def test_the_same_picture_is_the_same_bytes(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: shown.append(data["image/png"]))
    for _ in range(2):
        figures.show(drawing(), ALT)
    assert shown[0] == shown[1] and b"Software" not in shown[0] and b"Creation" not in shown[0]


@pytest.mark.parametrize("alt", ["", "too short", "x" * 29, None, 5])
def test_a_figure_without_a_text_is_refused_and_not_shown(alt, monkeypatch):
    monkeypatch.setattr("IPython.display.display", lambda *_, **__: pytest.fail("it was shown"))
    with pytest.raises(ValueError, match="show: alt must say in at least 30 characters what the figure shows, got"):
        figures.show(plt.figure(), alt)
    plt.close("all")


def test_thirty_characters_are_enough(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: shown.append(data))
    figures.show(plt.figure(), "x" * 30)
    assert shown[0]["text/plain"] == "x" * 30


def test_new_is_as_large_as_its_panels_together():
    figure, axes = figures.new(3, 2, width=2.0, height=1.5, sharex=True)
    assert axes.shape == (2, 3) and figure.get_size_inches().tolist() == [6, 3] and figure.get_dpi() == 110
    assert not axes[0, 0].spines["top"].get_visible() and axes[0, 0].get_shared_x_axes().joined(*axes[0, :2])
    plt.close(figure)
    before = plt.rcParams.copy()
    plt.close(figures.new()[0])
    assert plt.rcParams == before  # the reader's own plots keep their style


# ---- samples
def test_samples_are_told_apart_by_marker_as_well_as_by_colour(axes):
    real, fake = torch.zeros(4, 2), torch.ones(3, 2, requires_grad=True)
    figures.samples(axes, real, fake, limit=1.5)
    first, second = axes.collections
    assert [c.get_label() for c in axes.collections] == ["real", "generated"]
    for points, colour in ((first, figures.REAL), (second, figures.GENERATED)):
        assert to_hex(points.get_edgecolors()[0]) == colour.lower()
    assert len(first.get_offsets()) == 4 and np.array_equal(second.get_offsets(), np.ones((3, 2)))
    assert len(first.get_paths()[0].vertices) != len(second.get_paths()[0].vertices)
    assert axes.get_xlim() == axes.get_ylim() == (-1.5, 1.5) and axes.get_aspect() == 1


def test_samples_takes_either_side_alone_and_arrays(axes):
    figures.samples(axes, generated=np.array([[1.0, 2.0]]))
    (only,) = axes.collections
    assert only.get_label() == "generated" and only.get_offsets().tolist() == [[1, 2]]


# ---- discriminator_map
def pixel_at(axes, x, y):
    """The value shown at data coordinates (x, y), by the image's own extent and origin."""
    (shown,) = axes.images
    left, right, bottom, top = shown.get_extent()
    values = shown.get_array()
    column = int((x - left) / (right - left) * values.shape[1])
    row = int((y - bottom) / (top - bottom) * values.shape[0])
    return values[row if shown.origin == "lower" else values.shape[0] - 1 - row, column]


def test_the_map_has_x_across_and_y_upwards(axes):
    figures.discriminator_map(axes, lambda p: (p[:, 1] > 0).float(), limit=2, points=10)
    assert all(pixel_at(axes, x, 1) == 1 and pixel_at(axes, x, -1) == 0 for x in (-1.9, 0.1, 1.9))
    axes.images[0].remove()
    figures.discriminator_map(axes, lambda p: (p[:, 0] > 0).float(), limit=2, points=10)
    assert all(pixel_at(axes, 1, y) == 1 and pixel_at(axes, -1, y) == 0 for y in (-1.9, 0.1, 1.9))
    assert axes.get_ylim() == (-2, 2) and not axes.yaxis_inverted()


def test_each_pixel_shows_the_function_at_its_centre(axes):
    asked = []

    def function(places):
        asked.append(places)
        return (places @ torch.tensor([[0.1], [0.2]]) + 0.5).requires_grad_()  # (n, 1), as a network gives it

    shown = figures.discriminator_map(axes, function, limit=1.5, points=6)
    centres = np.array([-1.25, -0.75, -0.25, 0.25, 0.75, 1.25])
    expected = 0.5 + 0.1 * centres[None, :] + 0.2 * centres[:, None]
    np.testing.assert_allclose(shown.get_array(), expected, atol=1e-6)
    assert asked[0].shape == (36, 2) and shown.get_clim() == (0, 1) and shown.get_extent() == [-1.5, 1.5, -1.5, 1.5]
    assert pixel_at(axes, 1.25, -0.75) == pytest.approx(0.5 + 0.125 - 0.15)


@pytest.mark.parametrize("settings, message", [
    (dict(limit=0.0), "discriminator_map: limit must be a finite number above 0, got 0.0"),
    (dict(limit=math.nan), "discriminator_map: limit must be"),
    (dict(limit=1.0, points=0), "discriminator_map: points must be a whole number of at least 1, got 0"),
])
def test_a_map_of_nothing_is_refused(axes, settings, message):
    with pytest.raises(ValueError, match=message):
        figures.discriminator_map(axes, lambda x: x[:, 0], **settings)


# ---- losses
def history(discriminator, generator):
    game = Game(MLP(1, 1), MLP(1, 1), latent=1)
    return History(game, 0, {}, np.array(discriminator), np.array(generator), np.array([0]))


def test_losses_are_running_means_that_end_at_the_last_step(axes):
    figures.losses(axes, history([1.0, 2, 3, 4], [5.0, 5, 8, 5]), smooth=2)
    first, second = axes.lines
    assert first.get_label() == "discriminator" and second.get_label() == "generator"
    assert first.get_xdata().tolist() == second.get_xdata().tolist() == [2, 3, 4]
    assert first.get_ydata().tolist() == [1.5, 2.5, 3.5] and second.get_ydata().tolist() == [5, 6.5, 6.5]
    assert axes.get_xlabel() == "step" and axes.get_ylabel() == "loss (nats)"


def test_losses_of_several_seeds_are_one_line_each_and_one_entry_of_the_legend(axes):
    figures.losses(axes, [history(np.arange(60.0), np.ones(60)) for _ in range(3)])
    assert len(axes.lines) == 6 and all(len(line.get_xdata()) == 60 - 50 + 1 for line in axes.lines)
    assert all(line.get_marker() == "None" for line in axes.lines)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["discriminator", "generator"]
    assert {line.get_color() for line in axes.lines} == {figures.DISCRIMINATOR, figures.GENERATED}


def test_a_run_shorter_than_the_window_shows_its_mean(axes):
    figures.losses(axes, history([1.0, 3.0], [4.0, 6.0]), smooth=50)
    assert [line.get_xydata().tolist() for line in axes.lines] == [[[2, 2.0]], [[2, 5.0]]]
    assert all(line.get_marker() == "." for line in axes.lines)  # a line of one point would not be seen


@pytest.mark.parametrize("histories, message", [
    ([], r"losses: histories must be one History or several, of at least one step each, got \[\]"),
    ([1.0, 2.0], "losses: histories must be one History or several"),
    (history([], []), "losses: histories must be .* at least one step each"),
])
def test_losses_of_nothing_are_refused(axes, histories, message):
    with pytest.raises(ValueError, match=message):
        figures.losses(axes, histories)
    with pytest.raises(ValueError, match="losses: smooth must be a whole number of at least 1, got 0"):
        figures.losses(axes, history([1.0], [1.0]), smooth=0)


# ---- spread
def test_spread_is_a_line_a_seed_and_their_median(axes):
    values = np.array([[1.0, 10.0], [2.0, 30.0], [9.0, 20.0]])
    figures.spread(axes, [0, 5], values, label="accuracy", log=True)
    *thin, thick = axes.lines
    assert [line.get_ydata().tolist() for line in thin] == values.tolist()
    assert thick.get_ydata().tolist() == [2, 20] and thick.get_xdata().tolist() == [0, 5]
    assert thick.get_label() == "accuracy" and thick.get_linewidth() > 2 * thin[0].get_linewidth()
    assert axes.get_yscale() == "log" and len(axes.get_legend_handles_labels()[1]) == 1


@pytest.mark.parametrize("shape", [(2,), (2, 3), (3, 2, 1)])
def test_spread_names_the_shape_it_wants(axes, shape):
    with pytest.raises(ValueError) as caught:
        figures.spread(axes, [0, 5], np.zeros(shape), label="accuracy")
    assert f"spread: seeds must have shape (seeds, 2), got {shape}" in str(caught.value)


# ---- images
def test_pictures_are_laid_out_row_by_row_and_clipped():
    pictures = torch.stack([torch.full((1, 2, 3), v) for v in (-1.0, 0.0, 1.0, -7.0, 7.0)])
    pictures[1, 0, 0, 2] = 0.5  # upper right of the second
    figure = figures.images(pictures, columns=3)
    (axes,) = figure.axes
    sheet = np.asarray(axes.images[0].get_array())
    assert sheet.shape == (2 * 2, 3 * 3)
    blocks = sheet.reshape(2, 2, 3, 3).transpose(0, 2, 1, 3)  # rows, columns, height, width
    for value, block in ((0, blocks[0, 0]), (1, blocks[0, 2]), (0, blocks[1, 0]), (1, blocks[1, 1]), (1, blocks[1, 2])):
        assert (block == value).all()  # the last place is empty: white
    assert blocks[0, 1].tolist() == [[0.5, 0.5, 0.75], [0.5, 0.5, 0.5]]
    assert axes.images[0].get_clim() == (0, 1) and axes.images[0].get_cmap().name == "gray" and not axes.axison
    plt.close(figure)


def test_a_pale_sheet_is_not_stretched_to_full_contrast(axes):
    figures.images(torch.full((2, 1, 3, 3), 0.1), columns=2, axes=axes)
    assert axes.images[0].get_clim() == (0, 1)


def test_colour_pictures_keep_their_channels(axes):
    pictures = torch.tensor([-1.0, 0.0, 1.0]).reshape(1, 3, 1, 1).expand(2, 3, 4, 4).requires_grad_()
    assert figures.images(pictures, columns=2, axes=axes) is None  # drawn into the given axes
    sheet = np.asarray(axes.images[0].get_array())
    assert sheet.shape == (4, 8, 3) and sheet[2, 5].tolist() == [0, 0.5, 1]


@pytest.mark.parametrize("pictures, columns, message", [
    (torch.zeros(3, 28, 28), 2, r"images: pictures must have 4 dimensions, got shape \(3, 28, 28\)"),
    (torch.zeros(0, 1, 28, 28), 2, "images: pictures is empty"),
    (torch.zeros(3, 2, 28, 28), 2, r"images: pictures must have 1 or 3 channels, got shape \(3, 2, 28, 28\)"),
    (torch.zeros(3, 1, 28, 28), 0, "images: columns must be a whole number of at least 1, got 0"),
])
def test_what_is_no_picture_is_named(pictures, columns, message):
    with pytest.raises(ValueError, match=message):
        figures.images(pictures, columns)


# ---- the palette
def linear_rgb(colour):
    value = np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb.clip(0, 1)
    f = np.cbrt(np.maximum(xyz / [0.9505, 1.0, 1.089], 0.008856))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


SIGHT = {  # Machado, Oliveira & Fernandes 2009, severity 1.0
    "full": np.eye(3),
    "no red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "no blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.mark.parametrize("sight", SIGHT)
def test_the_players_colours_are_told_apart_by_colour_blind_readers(sight):
    named = [figures.REAL, figures.GENERATED, figures.DISCRIMINATOR, figures.THEORY]
    seen = [lab(np.array(SIGHT[sight]) @ linear_rgb(colour)) for colour in named]
    distances = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
    assert min(distances) > 15  # about 2 is just noticeable; measured: 45, 37, 29 and 17


def test_the_players_colours_stand_out_from_white():
    for colour in (figures.REAL, figures.GENERATED, figures.DISCRIMINATOR, figures.THEORY):
        luminance = linear_rgb(colour) @ [0.2126, 0.7152, 0.0722]
        assert 1.05 / (luminance + 0.05) >= 3  # WCAG 2.2, 1.4.11
    assert set(figures.PALETTE) >= {figures.REAL, figures.GENERATED, figures.DISCRIMINATOR, figures.THEORY}
