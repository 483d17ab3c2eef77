"""Chapter 17, StyleGAN."""

import torch
from torch import nn

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number


def _normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


effective_step = Number(
    id="effective_step", title="One step of Adam", level="easy",
    prompt=r"A layer stores $W \sim N(0, 1)$ and computes with $W/\sqrt n$, where $n$ is the number of its inputs. Adam's "
           r"rate is $\eta$. How much does its *first* step change each weight that the layer computes with? (Its "
           r"$\varepsilon$ does not matter.)",
    hints=("Adam divides the gradient by its own size. By how much does each entry of $W$ move?",
           r"By $\eta$. And $W/\sqrt n$?"),
    reference="eta/sqrt(n)", draw={"eta": (0.001, 0.002, 0.005, 0.01), "n": (64, 144, 256, 400, 576)},
    mistakes=(
        Mistake("plain", "eta", r"That is the change of what is *stored*."),
        Mistake("gradient descent", "eta/n", r"You counted $1/\sqrt n$ twice, as for gradient descent, where the gradient "
                "is smaller as well. Adam takes no notice of the gradient's size."),
        Mistake("the wrong way", "eta*sqrt(n)", r"You multiplied by $\sqrt n$. The pass divides by it."),
        Mistake("relative to the gain", "eta*sqrt(2)/sqrt(n)", r"The $\sqrt2$ belongs to the leaky ReLU, which comes "
                "after the layer."),
    ),
    explanation=r"The weights' spread is $1/\sqrt n$ as well: the relative change is $\eta$ in every layer.")

after_modulation = Formula(
    id="after_modulation", title="After modulation", level="easy",
    prompt="A layer with a $1 \\times 1$ kernel has two input channels, uncorrelated, with mean 0 and variance 1. Their "
           "weights for one output channel are $u$ and $v$, and the style scales the inputs by $a$ and $b$. What is the "
           "variance of the output *before* demodulation?",
    hints=("The output is $a u x_1 + b v x_2$.", "Variances of uncorrelated numbers add up. What does a factor do to one?"),
    symbols={"a": (0.3, 3.0), "b": (0.3, 3.0), "u": (0.2, 2.0), "v": (0.2, 2.0)}, reference="(a*u)**2 + (b*v)**2",
    mistakes=(
        Mistake("style not squared", "a*u**2 + b*v**2", "You squared the weights only. The style is a factor of the input "
                "like any other."),
        Mistake("standard deviation", "sqrt((a*u)**2 + (b*v)**2)", "That is the standard deviation: what demodulation "
                "divides by."),
        Mistake("squared sum", "(a*u + b*v)**2", "You added before squaring. That would be right for two channels that are "
                "always equal."),
        Mistake("after demodulation", "1", "That is the variance *after* demodulation."),
        Mistake("without the style", "u**2 + v**2", "You left out the style."),
    ),
    explanation="Demodulation divides by its root, and the output has the variance 1 for every style.")


def truncated(styles, mean, psi, layers):
    pulled = mean + psi * (styles - mean)
    coarse = torch.arange(styles.shape[1]) < layers
    return torch.where(coarse[None, :, None], pulled, styles)


def truncated_cases(seed: int) -> list[Case]:
    def case(what, i, n, depth, d, psi, layers):
        return Case(what, (_normal(7 * seed + i, n, depth, d), 2 + _normal(7 * seed + i + 90, d), psi, layers))

    return [case("six layers, the first two truncated", 1, 4, 6, 5, 0.5, 2), case("all of them", 2, 3, 4, 4, 0.7, 4),
            case("as many pictures as layers and numbers", 3, 5, 5, 5, -0.4, 3), case("none", 4, 2, 6, 3, 0.2, 0)]


truncated_exercise = Code(
    id="truncated", title="Truncation of the first layers", level="easy",
    prompt=r"Truncate styles in $W$: $\bar w + \psi\,(w - \bar w)$, but only those of the first `layers` layers. The others "
           "stay as they are.",
    doc="The styles, a tensor (n, depth, d). styles: w for each layer, (n, depth, d). mean: (d,). psi: a number. layers: "
        "how many layers, from the first on.",
    needs="import torch", reference=truncated, inputs=truncated_cases,
    hints=("`mean + psi * (styles - mean)` broadcasts over pictures and layers.",
           "`torch.where` with a condition of shape (1, depth, 1), or a copy whose slice `[:, :layers]` is set."),
    mistakes=(
        Mistake("towards 0", lambda styles, mean, psi, layers: torch.cat(
            [psi * styles[:, :layers], styles[:, layers:]], 1), r"You pulled towards 0. The centre of $W$ is $\bar w$, and "
                "no training ever saw $w = 0$."),
        Mistake("all layers", lambda styles, mean, psi, layers: mean + psi * (styles - mean), "You truncated all layers."),
        Mistake("the last ones", lambda styles, mean, psi, layers: torch.where(
            (torch.arange(styles.shape[1]) >= layers)[None, :, None], mean + psi * (styles - mean), styles),
                "You truncated the layers *after* the first `layers`."),
        Mistake("the other share", lambda styles, mean, psi, layers: torch.cat(
            [styles[:, :layers] + psi * (mean - styles[:, :layers]), styles[:, layers:]], 1),
                r"At $\psi = 1$ your styles are all $\bar w$. $\psi$ is the share of $w - \bar w$ that is *kept*."),
        Mistake("mean of the batch", lambda styles, mean, psi, layers: truncated(styles, styles.mean((0, 1)), psi, layers),
                "You pulled towards the mean of this batch, so that a picture would depend on which others are drawn "
                "with it."),
    ),
    explanation="What the first layers carry is made more average, while the others keep all their variety.")

one_number = Formula(
    id="one_number", title="One latent number", level="medium",
    prompt="$w$ is a single number, and a step in $w$ changes the picture by $c$ times its length, everywhere: $J$ has one "
           "column, of length $c$. With $y \\sim N(0, I)$, what is the *standard deviation* of the path length "
           r"$\lVert J^\top y \rVert$?",
    hints=(r"$J^\top y$ is one number, $c\,g$ with $g \sim N(0, 1)$. Its length is $c\,\lvert g \rvert$.",
           r"$\mathbb{E}\lvert g \rvert = \sqrt{2/\pi}$ and $\mathbb{E} g^2 = 1$."),
    symbols={"c": (0.2, 4.0)}, reference="c*sqrt(1 - 2/pi)",
    mistakes=(
        Mistake("signed", "c", r"That is the standard deviation of $J^\top y$. Its *length* has no sign, and varies less."),
        Mistake("variance", "c**2*(1 - 2/pi)", "That is the variance."),
        Mistake("the mean", "c*sqrt(2/pi)", "That is the mean length."),
        Mistake("relative", "sqrt(pi/2 - 1)", "That is the standard deviation *over the mean*, which does not depend on "
                "$c$."),
        Mistake("perfect is 0", "0", "The slope is the same everywhere, but $y$ is drawn anew, and the length with it."),
    ),
    explanation=r"Over the mean it is $\sqrt{\pi/2 - 1} = 0.756$, the floor for one number. For 32 it is 0.1255.")

stretch = Formula(
    id="stretch", title="Stretching all lengths", level="medium",
    prompt=r"The path lengths $\ell$ have the mean $\mu$ and the variance $v$. All of them are multiplied by $\alpha$, while "
           r"$a$ is held. What is the derivative of the penalty $\mathbb{E}(\alpha\ell - a)^2$ by $\alpha$ at $\alpha = 1$? "
           "(Write mu for $\\mu$.)",
    hints=(r"Differentiate inside the mean: $2\,\mathbb{E}\,\ell\,(\ell - a)$.", r"$\mathbb{E}\,\ell^2 = v + \mu^2$."),
    symbols={"mu": (0.5, 3.0), "v": (0.05, 1.5), "a": (0.3, 4.0)}, reference="2*(v + mu**2 - a*mu)",
    mistakes=(
        Mistake("inner derivative", "2*(mu - a)", r"You left out the inner derivative $\ell$."),
        Mistake("no variance", "2*(mu**2 - a*mu)", r"You took $\mathbb{E}\,\ell^2$ for $\mu^2$."),
        Mistake("a is the mean", "2*v", r"You put $a = \mu$. Here $a$ is any number."),
        Mistake("half", "v + mu**2 - a*mu", "The 2 of the square is missing."),
        Mistake("the penalty", "v + (mu - a)**2", r"That is the penalty itself, not its derivative."),
    ),
    explanation=r"For $a = \mu$ it is $2v$: as long as the lengths differ at all, making them all shorter pays.")


def mixed(one, other, change, layers):
    late = torch.arange(layers) >= change[:, None]
    return torch.where(late[:, :, None], other[:, None], one[:, None])


def mixed_cases(seed: int) -> list[Case]:
    def case(what, i, n, layers, d):
        stream = torch.Generator().manual_seed(11 * seed + i)
        change = torch.cat([torch.tensor([0, layers]), torch.randint(layers + 1, (n - 2,), generator=stream)])
        return Case(what, (_normal(11 * seed + i, n, d), _normal(11 * seed + i + 50, n, d), change, layers))

    return [case("six layers", 1, 8, 6, 4), case("as many pictures as layers", 2, 5, 5, 3),
            case("pictures, layers and numbers alike", 3, 4, 4, 4)]


mixed_exercise = Code(
    id="mixed", title="Two styles in one picture", level="medium",
    prompt="Put the styles of a batch together for mixing regularisation: picture $i$ gets `one[i]` in the layers before "
           "`change[i]`, and `other[i]` from layer `change[i]` on. Layers are counted from 0.",
    doc="w for each layer, a tensor (n, layers, d). one, other: (n, d). change: whole numbers from 0 to layers, (n,). "
        "layers: a number.",
    needs="import torch", reference=mixed, inputs=mixed_cases,
    hints=("`torch.arange(layers) >= change[:, None]` has the shape (n, layers).",
           "`torch.where` broadcasts (n, layers, 1), (n, 1, d) and (n, 1, d)."),
    mistakes=(
        Mistake("the wrong way round", lambda one, other, change, layers: mixed(other, one, change, layers),
                "You began with `other`."),
        Mistake("one layer late", lambda one, other, change, layers: mixed(one, other, change + 1, layers),
                "Layer `change[i]` itself should have the other style already."),
        Mistake("only that layer", lambda one, other, change, layers: torch.where(
            (torch.arange(layers) == change[:, None])[:, :, None], other[:, None], one[:, None]),
                "You gave the other style to one layer only."),
        Mistake("one change for all", lambda one, other, change, layers: mixed(one, other, change[:1].expand_as(change),
                                                                               layers),
                "You changed all pictures at the layer of the first one. Each has its own."),
        Mistake("a blend", lambda one, other, change, layers: torch.lerp(
            one, other, 1 - change[:, None].to(one.dtype) / layers)[:, None].expand(-1, layers, -1),
                "You blended the two. Mixing gives each layer one of them, whole."),
    ),
    explanation="A layer cannot know which style its neighbours got, and so learns to do its share with any.")


def demodulated(W, s):
    kernels = s[:, None, :, None, None] * W
    return kernels / kernels.square().sum((2, 3, 4), keepdim=True).sqrt()


def kernel_cases(seed: int) -> list[Case]:
    def case(what, i, n, J, I, k):
        return Case(what, (_normal(13 * seed + i, J, I, k, k).requires_grad_(),
                           (1 + _normal(13 * seed + i + 40, n, I)).requires_grad_()))

    return [case("three styles, 4 × 5 channels", 1, 3, 4, 5, 3), case("as many channels in as out", 2, 4, 4, 4, 1),
            case("all alike", 3, 3, 3, 3, 3)]


def _demodulated(W, s, axes=(2, 3, 4), root=True, squared=True, style=lambda s: s[:, None, :, None, None]):
    kernels = style(s) * W
    power = (kernels.square() if squared else kernels.abs()).sum(axes, keepdim=True)
    return kernels / (power.sqrt() if root else power)


demodulated_exercise = Code(
    id="demodulated", title="Modulate and demodulate", level="medium",
    prompt=r"Write the kernels $W''_{ijk} = s_i W_{ijk} \big/ \sqrt{\sum_{i,k}(s_i W_{ijk})^2}$ for a batch of styles. $i$ is "
           "the input channel, $j$ the output channel, $k$ the place. (No $\\varepsilon$.)",
    doc="A kernel for each style, a tensor (n, outputs, inputs, k, k). W: (outputs, inputs, k, k). s: styles, (n, inputs).",
    needs="import torch", reference=demodulated, inputs=kernel_cases,
    hints=("`s[:, None, :, None, None]` has the shape (n, 1, inputs, 1, 1).",
           "Each output channel of each picture has a length of its own: sum over inputs and both axes of places."),
    mistakes=(
        Mistake("not demodulated", lambda W, s: s[:, None, :, None, None] * W, "You only modulated."),
        Mistake("style forgotten", lambda W, s: (W / W.square().sum((1, 2, 3), keepdim=True).sqrt())[None]
                * s[:, None, :, None, None], "You divided by the length of $W$, without the style. Then a large style makes "
                "the output large."),
        Mistake("places only", lambda W, s: _demodulated(W, s, (3, 4)), "You summed over the places only, and so took away "
                "what the style had scaled: it cancels."),
        Mistake("whole kernel", lambda W, s: _demodulated(W, s, (1, 2, 3, 4)), "You divided by one length for all output "
                "channels. Each has its own."),
        Mistake("whole batch", lambda W, s: _demodulated(W, s, (0, 2, 3, 4)), "You summed over the batch too, so that a "
                "picture depends on which others are drawn with it."),
        Mistake("no root", lambda W, s: _demodulated(W, s, root=False), "You divided by the variance. The standard deviation "
                "is its root."),
        Mistake("absolute values", lambda W, s: _demodulated(W, s, root=False, squared=False), "You divided by the sum of "
                "absolute values. Variances add up as *squares*."),
    ),
    explanation="Scaling the input's channels and the output's channels instead is the same, and needs one convolution.")

best_scale = Formula(
    id="best_scale", title="The best scale", level="hard",
    prompt=r"$J^\top J = c^2 I$ with $L$ columns, so the path length is $c\,\chi$, where $\chi$ has the mean $m$ and "
           r"$\mathbb{E}\chi^2 = L$. At which $c$ is the penalty $\mathbb{E}(c\,\chi - a)^2$ least, for a fixed $a$?",
    hints=("Multiply out and take the means: a parabola in $c$.", r"$c^2 L - 2acm + a^2$: where is its slope 0?"),
    symbols={"a": (0.5, 4.0), "m": (0.6, 3.0), "L": (4.0, 20.0)}, reference="a*m/L",
    mistakes=(
        Mistake("matching means", "a/m", r"You made the *mean* length equal to $a$. A squared error also looks at the "
                "spread, and a smaller $c$ has less of it."),
        Mistake("matching squares", "a/sqrt(L)", r"You made the mean *square* equal to $a^2$."),
        Mistake("the least value", "a**2*(1 - m**2/L)", "That is the penalty's value there."),
        Mistake("a 2 too many", "2*a*m/L", "The 2 stands in both terms of the slope, and cancels."),
        Mistake("upside down", "L/(a*m)", "Turn it over: if $a$ is larger, so is $c$."),
    ),
    explanation=r"Since $m^2 < L$, it is below $a/m$, where the mean length would be $a$. With a running mean in place of $a$, "
                "the target runs away downwards.")


class _Draw(nn.Module):
    """w (n, inputs) → pictures (n, 1, 3, 4), row by row."""

    def __init__(self, inputs: int):
        super().__init__()
        self.first, self.last = nn.Linear(inputs, 6).double(), nn.Linear(6, 12).double()

    def forward(self, w: torch.Tensor) -> torch.Tensor:
        return self.last(torch.tanh(self.first(w))).view(-1, 1, 3, 4)


def penalty_cases(seed: int) -> list[Case]:
    cases = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for what, n, inputs, a in (("six rows, a = 0.5", 6, 3, 0.5), ("one row", 1, 5, 2.0), ("a = 0", 4, 4, 0.0)):
            cases.append(Case(what, (_Draw(inputs), _normal(17 * seed + n, n, inputs).requires_grad_(),
                                     _normal(17 * seed + n + 60, n, 1, 3, 4), a)))
    return cases


def path_penalty(synthesis, w, y, a):
    slope, = torch.autograd.grad((synthesis(w) * y).sum(), w, create_graph=True)
    return (slope.norm(dim=1) - a).square().mean()


def _penalty(graph=True, length=lambda slope: slope.norm(dim=1), target=lambda lengths, a: a, sum_up=False, power=2.0,
             draw=lambda synthesis, w, y: (synthesis(w) * y).sum()):
    def penalty(synthesis, w, y, a):
        slope, = torch.autograd.grad(draw(synthesis, w, y), w, create_graph=graph)
        lengths = length(slope)
        off = (lengths - target(lengths, a)).abs() ** power
        value = off.sum() if sum_up else off.mean()
        return value if graph else value + 0 * (synthesis(w) * y).sum()

    return penalty


path_penalty_exercise = Code(
    id="path_penalty", title="The path length penalty", level="hard",
    prompt=r"Write the mean over the rows of $(\lVert J_w^\top y \rVert - a)^2$, where $J_w$ is the Jacobian of `synthesis` at "
           "a row of `w`. It must be possible to train the network with it.",
    doc="A tensor with one number. synthesis: a network, w (n, d) → pictures (n, 1, height, width), row by row. w: (n, d), "
        "wants a gradient. y: shaped as the pictures. a: a number.",
    needs="import torch", reference=path_penalty, inputs=penalty_cases,
    hints=(r"$J^\top y$ is the gradient of the number $\sum$ picture · $y$. One call of `torch.autograd.grad` gives it for "
           "all rows.", "To train with a gradient, it must itself have one: `create_graph=True`."),
    mistakes=(
        Mistake("no graph", _penalty(graph=False), "The value is right, but nothing learns from it: the gradient was taken "
                "without `create_graph=True`."),
        Mistake("one norm", _penalty(length=lambda slope: slope.norm()[None]), "You took one norm over the whole batch. Each "
                "row has its own path length."),
        Mistake("squared lengths", _penalty(length=lambda slope: slope.square().sum(1)), "You compared the *squared* length "
                "with $a$."),
        Mistake("y forgotten", _penalty(draw=lambda synthesis, w, y: synthesis(w).sum()), "You left out $y$: that is the slope "
                "of the sum of all pixels."),
        Mistake("mean over pixels", _penalty(draw=lambda synthesis, w, y: (synthesis(w) * y).mean()), "You took a mean where "
                "a sum is needed. Then the lengths depend on the number of rows and pixels."),
        Mistake("batch mean", _penalty(target=lambda lengths, a: lengths.mean()), "You took the batch's own mean for $a$, and "
                "let the gradient flow through it."),
        Mistake("absolute", _penalty(power=1.0), "You took the distance to $a$, not its square."),
        Mistake("sum", _penalty(sum_up=True), "You added up over the rows. Take the mean."),
    ),
    explanation="The whole Jacobian would need one backward pass a pixel. This needs one.")


def smoothness(draw, features, a, b, t, epsilon):
    def seen(place):
        return features(draw(torch.lerp(a, b, place[:, None]))).flatten(1)

    return ((seen(t + epsilon) - seen(t)).square().sum(1) / epsilon ** 2).mean()


def smooth_cases(seed: int) -> list[Case]:
    cases = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed + 500)
        for what, n, d, epsilon in (("five ways", 5, 3, 0.01), ("a large step", 4, 4, 0.25), ("one way", 1, 2, 0.05)):
            judge = nn.Sequential(nn.Flatten(), nn.Linear(12, 6), nn.Tanh(), nn.Unflatten(1, (3, 2))).double()
            start = 19 * seed + n
            cases.append(Case(what, (_Draw(d), judge, _normal(start, n, d), _normal(start + 70, n, d),
                                     torch.rand(n, generator=torch.Generator().manual_seed(start), dtype=torch.float64),
                                     epsilon)))
    return cases


def _smooth(power=2, squared=True, over=lambda x: x.sum(1), judge=True, straight=True):
    def length(draw, features, a, b, t, epsilon):
        look = features if judge else (lambda x: x)

        def seen(place):
            if straight:
                return look(draw(torch.lerp(a, b, place[:, None]))).flatten(1)
            return torch.lerp(look(draw(a)).flatten(1), look(draw(b)).flatten(1), place[:, None])

        change = over((seen(t + epsilon) - seen(t)).square())
        return ((change if squared else change.sqrt()) / epsilon ** power).mean()

    return length


smoothness_exercise = Code(
    id="smoothness", title="Perceptual path length in w", level="hard",
    prompt=r"Write the mean over ways of $\lVert f(g(w_{t+\varepsilon})) - f(g(w_t)) \rVert^2 / \varepsilon^2$, where $w_t$ "
           "lies on the straight line from a row of `a` to the same row of `b`, at the share `t` of the way. Features may have "
           "any shape after the first axis.",
    doc="A tensor with one number. draw: w (n, d) → pictures. features: pictures → (n, …). a, b: (n, d). t: (n,). epsilon: "
        "a number.",
    needs="import torch", reference=smoothness, inputs=smooth_cases,
    hints=("`torch.lerp(a, b, t[:, None])` is the point at t.", "Compare the *features* of the two pictures: `.flatten(1)`, "
           "squared differences, sum over the features, mean over ways."),
    mistakes=(
        Mistake("in pixels", _smooth(judge=False), "You compared pixels. What counts here are the "
                "features of the pictures."),
        Mistake("once by the step", _smooth(power=1), "You divided by $\\varepsilon$ once. The "
                "distance is squared, and so is the step."),
        Mistake("not squared", _smooth(power=1, squared=False), "You took the distance over "
                "$\\varepsilon$; here both are squared."),
        Mistake("mean over features", _smooth(over=lambda x: x.mean(1)), "You took the mean over "
                "the features. A squared distance is their *sum*."),
        Mistake("blended features", _smooth(straight=False), "You went on a straight line between "
                "the *features* of the two ends. The way goes through the pictures between them."),
    ),
    explanation="Two pictures a small step apart: how much changes for the eye of the network?")

what_is_kept = Choice(
    id="what_is_kept", title="What demodulation keeps", level="easy", concept=True,
    prompt="After long training the outputs of a demodulated layer have a mean square of 4. What follows?",
    hints=("Which property of the inputs does the theorem assume?",),
    options=(
        Option("the layer has an error", False, "The formula may be right. It promises 1 for a certain kind of input only."),
        Option("its inputs are not uncorrelated with mean 0 and variance 1", True, "That is what is assumed. Features of a "
               "trained network are correlated, and after a leaky ReLU their mean is not 0."),
        Option("the style has become larger", False, "Demodulation divides by the style's own size: twice the style gives "
               "the same output."),
        Option("the weights have become larger", False, "They are divided by their own length. Their size cancels."),
    ),
    explanation="Demodulation divides by what is expected of the weights, and never looks at the outputs.")

good_spread = Choice(
    id="good_spread", title="A spread of 0.13", level="medium", concept=True,
    prompt="In a generator with 32 numbers in $w$ the path lengths have a standard deviation of 0.13 times their mean. What "
           "does it mean?",
    hints=("What would it be for a perfect one?",),
    options=(
        Option("steps are nearly as even as they can be", True, "The floor is 0.1255: $y$ is random, so the length varies "
               "even if all slopes are equal."),
        Option("slopes differ by 13 % from place to place", False, "Nearly all of the 13 % is in the draw of $y$, not in the "
               "generator."),
        Option("the penalty has not converged, because it wants 0", False, "It cannot reach 0. Nor can any generator."),
        Option("the pictures must be good", False, "A generator whose pictures hardly differ can be as even."),
    ),
    explanation="The floor depends on the number of dimensions: 0.756 for one, and less and less for many.")

psi_price = Choice(
    id="psi_price", title="The price of truncation", level="easy", concept=True,
    prompt=r"With $\psi = 0.5$ a generator's samples look better, and the share of them that lies among real pictures rises. "
           "What should be reported beside it?",
    hints=("What does the generator draw at ψ = 0?",),
    options=(
        Option("how much of the real pictures is still covered", True, "Variety is what is given up. At 0 only one picture is "
               "left."),
        Option("nothing: a better score is a better generator", False, "The generator is the same. Only the samples "
               "were chosen more narrowly."),
        Option("the loss of the discriminator, which has seen the samples", False, "It was trained without truncation and says "
               "nothing about variety."),
        Option("how long it was trained", False, "Truncation happens after training and does not depend on it."),
    ),
    explanation="Precision and coverage move in opposite directions. One number alone can be bought with the other.")

no_noise = Choice(
    id="no_noise", title="Strengths near 0", level="medium", concept=True,
    prompt="After training all noise strengths are a few thousandths. What can be said? (All that are right.)",
    hints=("They start at 0 and are learnt like everything else.",),
    options=(
        Option("drawing the noise anew hardly changes these pictures", True, "It can be measured: it is a small part of what "
               "another style changes."),
        Option("the noise inputs are broken", False, "They may be right and not needed: the gradient decides. Set a strength "
               "by hand and look."),
        Option("the generator makes its details from $w$", True, "There is no other source left."),
        Option("all samples are the same", False, "They differ by their $w$."),
    ),
    explanation="Whether noise is needed is for training to find. In our short runs it changed a pixel by a few per cent of "
                "what another style changes.")

who_shares = Choice(
    id="who_shares", title="Who shares out the work?", level="medium", concept=True,
    prompt="In a trained generator the layers decide different properties. Where does this come from?",
    hints=("What can a change at 7 × 7 pixels do that one at 28 × 28 cannot?",),
    options=(
        Option("from a loss that names the properties", False, "There is none. The loss knows real and generated, no more."),
        Option("from the resolution at which a layer works", True, "A change at 7 × 7 reaches large parts of the picture, one "
               "in the last layer single pixels."),
        Option("from mixing in training: without it, layers decide nothing of their own", False, "In the study the generators "
               "that were trained without mixing share out class and brightness in the same order."),
        Option("from the mapping network, which gives each layer its part of $w$", False, "Each layer gets the whole $w$, and "
               "takes from it what its own affine map picks."),
    ),
    explanation="*Which* property ends up where is an outcome. It has to be measured, by mixing.")

short_paths = Choice(
    id="short_paths", title="Half the path length", level="hard", concept=True,
    prompt="Generator A has half the perceptual path length of generator B. Which conclusion holds without looking further?",
    hints=("Which generator has the shortest paths of all?",),
    options=(
        Option("A's pictures are better", False, "A generator that always draws the same picture has the length 0."),
        Option("A covers more of the data", False, "Rather less, if it says anything: pictures that differ less are closer "
               "together."),
        Option("on its ways A's pictures change less, in this feature space", True, "That is what is measured, and all."),
        Option("A was trained with the path length penalty", False, "That is one way to shorter paths, not the only one."),
    ),
    explanation="Read it beside a distance to real pictures, as the papers do, and only within one feature space.")

CHAPTER = Chapter(
    "17", "StyleGAN",
    [effective_step, after_modulation, truncated_exercise, one_number, stretch, mixed_exercise, demodulated_exercise,
     best_scale, path_penalty_exercise, smoothness_exercise, what_is_kept, good_spread, psi_price, no_noise, who_shares,
     short_paths],
    gate={"first steps": (2, ("effective_step", "after_modulation")),
          "derivation": (2, ("one_number", "stretch", "best_scale")),
          "code": (3, ("truncated", "mixed", "demodulated", "path_penalty", "smoothness")),
          "concepts": (4, ("what_is_kept", "good_spread", "psi_price", "no_noise", "who_shares", "short_paths"))})
