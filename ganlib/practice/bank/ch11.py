"""Chapter 11, DCGAN."""

import torch
import torch.nn.functional as F

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula

transposed_side = Formula(
    id="transposed_side", title="How large does it get?", level="easy",
    prompt="A transposed convolution with kernel $k$, stride $s$ and padding $p$ meets a picture of $n$ pixels a side. "
           "How many pixels a side does it give?",
    hints=("Each input pixel paints a copy of the kernel. How far apart do the copies start?",
           "The last of the $n$ copies starts at $(n - 1)s$. Padding *cuts off* at both ends here."),
    symbols={"n": (3.0, 12.0), "k": (2.0, 7.0), "s": (1.0, 4.0), "p": (0.0, 2.0)}, reference="(n - 1)*s - 2*p + k",
    mistakes=(
        Mistake("n times s", "n*s", "That is right only where $k = s + 2p$, as with 4, 2, 1. In general the last "
                "copy of "
                "the kernel ends elsewhere."),
        Mistake("padding added", "(n - 1)*s + 2*p + k", "You added the padding. Transposed, it is cut off: what a "
                "convolution put on at the edge, its mirror image takes away."),
        Mistake("one end", "(n - 1)*s - p + k", "Padding acts at both ends."),
        Mistake("padding forgotten", "(n - 1)*s + k", "That is the size before the padding is cut off."),
        Mistake("convolution", "(n + 2*p - k)/s + 1", "That is the size of a *convolution*, the way down."),
        Mistake("n copies", "n*s - 2*p + k", "Between $n$ copies there are $n - 1$ steps."),
    ),
    explanation="For kernel 4, stride 2, padding 1 it is $2n$: the reason why this triple is so common.")

layer_weights = Formula(
    id="layer_weights", title="What a layer learns", level="easy",
    prompt="A layer of a generator goes from $a$ to $b$ channels by a transposed convolution with a kernel of $k "
        "\\times k$ "
           "and no bias, and batch norm follows. How many numbers does it learn?",
    hints=("One kernel for each pair of an input and an output channel.",
           r"Batch norm learns a scale $\gamma$ and an offset $\beta$ for each of its channels. The running mean and "
           "variance are measured, not learnt."),
    symbols={"a": (1.0, 64.0), "b": (1.0, 64.0), "k": (2.0, 7.0)}, reference="a*b*k**2 + 2*b",
    mistakes=(
        Mistake("norm forgotten", "a*b*k**2", "Batch norm learns something too."),
        Mistake("bias", "a*b*k**2 + 3*b", "There is no bias: batch norm subtracts the mean, so a bias before it has no "
                "effect."),
        Mistake("offset only", "a*b*k**2 + b", "Batch norm learns two numbers a channel."),
        Mistake("statistics counted", "a*b*k**2 + 4*b", "Running means and variances are measured. No gradient reaches "
                "them."),
        Mistake("norm of the input", "a*b*k**2 + 2*a", "The batch norm stands *behind* the convolution: it has the "
                "channels of its output."),
        Mistake("kernel not squared", "a*b*k + 2*b", "The kernel has two sides."),
    ),
    explanation="A bias before a batch norm is not only superfluous: its gradient is exactly 0.")

eps_std = Formula(
    id="eps_std", title="An ε that is too large", level="easy",
    prompt=r"A channel has the variance $v$. It passes a batch norm with $\varepsilon = e$ and the scale $g$. What "
        r"is its "
           "standard deviation afterwards?",
    hints=(r"Batch norm divides by $\sqrt{v + \varepsilon}$.", r"Before, the standard deviation is $\sqrt v$."),
    symbols={"v": (0.01, 2.0), "e": (0.01, 1.0), "g": (0.2, 2.0)}, reference="g*sqrt(v/(v + e))",
    mistakes=(
        Mistake("normalised", "g", r"So it would be for $\varepsilon = 0$."),
        Mistake("variance", "g**2*v/(v + e)", "That is the variance."),
        Mistake("root forgotten", "g*v/(v + e)", "You divided by the variance. Batch norm divides by its root."),
        Mistake("outside the root", "g*sqrt(v)/(sqrt(v) + e)", r"$\varepsilon$ is added to the variance, inside the "
                r"root."),
        Mistake("scale inside", "sqrt(g*v/(v + e))", "The scale multiplies after the division, outside the root."),
    ),
    explanation=r"`BatchNorm2d(c, 0.8)` sets $\varepsilon = 0.8$. For the first layer of the chapter's generator, "
                r"$v \approx 0.013$, it leaves an eighth.")

phase_ratio = Formula(
    id="phase_ratio", title="Light and dark", level="easy",
    prompt="A transposed convolution has the stride $s$ and the kernel $ms + 1$, with a whole number $m$. Its "
        "random weights "
           "are independent, with mean 0 and one variance. How many times as large is the mean square of its brightest "
           "pixels as that of its darkest, away from the edge, in a picture (two dimensions)?",
    hints=("Along one axis: how many taps reach the pixels with the remainder 0, and how many the others?",
           "$m + 1$ and $m$. Counts multiply over the two axes, and the mean square is proportional to the count."),
    symbols={"m": (1.0, 6.0)}, reference="((m + 1)/m)**2",
    mistakes=(
        Mistake("one axis", "(m + 1)/m", "That is along one axis. A picture has two."),
        Mistake("square of the count", "((m + 1)/m)**4", "You squared the count once more. The *mean square* of a "
                "sum of "
                "independent terms is proportional to their number."),
        Mistake("inverted", "(m/(m + 1))**2", "That is the darkest against the brightest."),
        Mistake("all taps", "(m + 1)**2", "The darkest pixels are painted more than once if $m > 1$."),
        Mistake("even", "1", "So it is if the stride divides the kernel. Here one tap is left over."),
    ),
    explanation="4 for kernel 3 and stride 2, 2.25 for kernel 5. Large kernels soften it, and only $k = ms$ removes "
        "it.")

line_scale = Formula(
    id="line_scale", title="Mending the straight line", level="medium",
    prompt="Two latents are independent and $N(0, I)$. By what factor must the point $(1 - t)z + tz'$ on the "
        "straight line "
           "between them be multiplied, so that it is distributed as $N(0, I)$ again?",
    hints=("What is the variance of one coordinate of the point?",
           "Variances of independent numbers add, with the squares of their factors."),
    symbols={"t": (0.05, 0.95)}, reference="1/sqrt((1 - t)**2 + t**2)",
    mistakes=(
        Mistake("variance", "1/((1 - t)**2 + t**2)", "You divided by the variance. A factor acts on the standard "
                "deviation."),
        Mistake("inverted", "sqrt((1 - t)**2 + t**2)", "The point is too *short*: the factor must be above 1."),
        Mistake("middle only", "sqrt(2)", "That is right in the middle only, and wrong at the ends."),
        Mistake("deviations added", "1/((1 - t) + t)", "Standard deviations do not add, variances do. With yours "
                "nothing would "
                "change."),
        Mistake("mixed up", "1/sqrt((1 - t) + t**2)", r"One of the two factors is not squared."),
    ),
    explanation=r"At the ends it is 1, in the middle $\sqrt2$. With $\cos\varphi$ and $\sin\varphi$ in place of $1 "
        r"- t$ and "
                "$t$ no factor is needed.")

tanh_floor = Formula(
    id="tanh_floor", title="Another floor", level="medium",
    prompt=r"Somebody lets $D$ end in $c \tanh$, so that its \"logit\" stays between $-c$ and $c$. Below which "
        r"value can "
           "$D$'s loss (the mean over real plus the mean over generated samples) never fall?",
    hints=("Which logit would each kind of sample get from a perfect $D$ of this form?",
           r"Real samples cost $\operatorname{softplus}(-l)$, generated ones $\operatorname{softplus}(l)$."),
    symbols={"c": (0.5, 5.0)}, reference="2*log(1 + exp(-c))",
    mistakes=(
        Mistake("one kind", "log(1 + exp(-c))", "That is the mean over one kind. The loss has both."),
        Mistake("one end at 0", "log(1 + exp(-c)) + log(2)", r"So it would be for a \"logit\" between 0 and $c$, as "
                r"after a "
                r"sigmoid. A $\tanh$ reaches $-c$ too."),
        Mistake("no bound", "0", "That needs logits without bounds."),
        Mistake("sign", "2*log(1 + exp(c))", "Those are the costs of a $D$ that is always wrong."),
        Mistake("undecided", "2*log(2)", "That is the loss of a $D$ that knows nothing."),
        Mistake("probability", "-2*log((1 + c)/2)", "You took the output for a probability. It is passed through a "
                "sigmoid "
                "by the loss."),
    ),
    explanation="For $c = 1$ it is 0.63. A floor tells on itself: losses that stand still near such a number are "
        "worth a "
                "look at the last layer.")

preactivation = Formula(
    id="preactivation", title="How loud is the next layer?", level="medium",
    prompt="In an untrained generator a batch norm with scale 1 and offset 0 gives each of $c$ channels of a normal "
           r"distribution, then comes a ReLU, then a transposed convolution with kernel 4, stride 2 and weights "
           r"from $N(0, w^2)$. "
           "What is the mean square of its output, away from the edge? (Mean over the weights, too.)",
    hints=("How many taps reach each output pixel with kernel 4 and stride 2?",
           r"What is $\mathbb{E}\,\max(0, h)^2$ for $h \sim N(0, 1)$? The distribution is symmetric.",
           "Products with independent weights of mean 0: mean squares add, one for each channel and tap."),
    symbols={"c": (4.0, 64.0), "w": (0.01, 0.2)}, reference="2*c*w**2",
    mistakes=(
        Mistake("ReLU forgotten", "4*c*w**2", "The ReLU sets half of the numbers to 0. What does that do to their "
                "mean square?"),
        Mistake("all taps", "8*c*w**2", "With stride 2 only a quarter of the 16 taps reaches a given pixel."),
        Mistake("one axis", "c*w**2", "You counted the taps along one axis only."),
        Mistake("deviation", "2*c*w", "The weights' *variance* is $w^2$."),
        Mistake("squared mean", "4*c*w**2/(2*3.14159265358979)", "You squared the mean of the ReLU. The weights "
                "have mean 0, "
                "so it is the mean of the square that counts."),
        Mistake("root", "sqrt(2*c)*w", "That is its root, the standard deviation."),
    ),
    explanation=r"For 32 channels and $w = 0.02$ it is 0.026. A batch norm makes 1 of it, if its $\varepsilon$ is "
        r"much smaller.")

twice_slope = Formula(
    id="twice_slope", title="What is left of the gradient", level="hard",
    prompt=r"$D$ ends in a sigmoid, and its output goes into a loss on logits, which has a sigmoid of its own. What "
        r"is the "
           r"derivative of the cost of a *real* sample by the number $l$ *before* $D$'s sigmoid? (Write `sigma(...)`.)",
    hints=(r"The cost is $\operatorname{softplus}(-s)$ with $s = \sigma(l)$.",
           r"The chain rule has two factors. $\operatorname{softplus}'(x) = \sigma(x)$.",
           r"$\sigma'(l) = \sigma(l)(1 - \sigma(l))$."),
    symbols={"l": (-4.0, 4.0)}, reference="-(1 - sigma(sigma(l)))*sigma(l)*(1 - sigma(l))",
    mistakes=(
        Mistake("as usual", "-(1 - sigma(l))", r"That is the slope with one sigmoid, $D - 1$."),
        Mistake("outer only", "-(1 - sigma(sigma(l)))", "The inner sigmoid has a derivative too."),
        Mistake("inner only", "-sigma(l)*(1 - sigma(l))", "The loss has a derivative of its own, by $s$."),
        Mistake("sign", "(1 - sigma(sigma(l)))*sigma(l)*(1 - sigma(l))", "The cost of a real sample falls as its "
                "logit grows."),
        Mistake("generated", "sigma(sigma(l))*sigma(l)*(1 - sigma(l))", "That is the slope of a *generated* "
                "sample's cost."),
        Mistake("one level too deep", "-(1 - sigma(sigma(l)))*sigma(sigma(l))*(1 - sigma(sigma(l)))",
                r"The inner derivative belongs at $l$, not at $\sigma(l)$."),
    ),
    explanation="It is at most a tenth in size, and vanishes at *both* ends: a $D$ that takes a real sample for "
        "generated with "
                "great confidence is hardly told so.")

neighbours = Formula(
    id="neighbours", title="What a VAE would charge", level="hard",
    prompt=r"A linear decoder is $G(z) = kz$ in $d$ dimensions. Before it, somebody puts the map $T(z) = Mz$ with a "
        r"matrix of the singular values "
           r"$m$ (the first $\frac d2$) and $\frac1m$ (the others), which keeps all volumes. By how much is "
           r"$\mathbb{E}\lVert G(T(\mu + se)) - G(T(\mu))\rVert^2$, with $e \sim N(0, I)$, larger than it is "
           r"without $T$?",
    hints=("The difference is $ksMe$: $\\mu$ drops out.",
           r"$\mathbb{E}\lVert Me\rVert^2$ is the sum of the squared singular values.",
           r"Without $T$ it is $k^2 s^2 d$. Subtract."),
    symbols={"k": (0.5, 2.0), "d": (2.0, 32.0), "m": (1.1, 3.0), "s": (0.1, 1.0)},
    reference="k**2*s**2*d*((m**2 + 1/m**2)/2 - 1)",
    mistakes=(
        Mistake("not subtracted", "k**2*s**2*d*(m**2 + 1/m**2)/2", "That is the charge with $T$. How much more is "
                "it than without?"),
        Mistake("volumes", "0", "A map can keep volumes and still stretch. The charge adds up the *squares* of the "
                "singular values."),
        Mistake("not squared", "k**2*s**2*d*((m + 1/m)/2 - 1)", "The squared length has the squares of the singular "
                "values."),
        Mistake("one dimension", "k**2*s**2*((m**2 + 1/m**2)/2 - 1)", "Add up over all $d$ dimensions."),
        Mistake("all stretched", "k**2*s**2*d*(m**2 - 1)", r"Half of the directions are shrunk, by $\frac1m$."),
        Mistake("deviation", "k*s*d*((m**2 + 1/m**2)/2 - 1)", "The charge is a *squared* length."),
    ),
    explanation="It is never negative: the VAE's loss prefers gentle maps. (This $T$ does not keep $N(0, I)$; the "
        "swirl of the "
                "chapter does, and stretches as well.) A GAN's loss has no such term.")


def norm_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape, scale=1.0, shift=0.0):
        return scale * torch.randn(*shape, generator=generator, dtype=torch.float64) + shift

    def case(what, n, c, h, w, eps, **more):
        return Case(what, (draw(n, c, h, w, **more).requires_grad_(), draw(c, scale=0.3, shift=1.0).requires_grad_(),
                           draw(c).requires_grad_(), eps))

    return [case("8 pictures of 3 channels", 8, 3, 4, 5, 1e-5), case("a large ε", 5, 2, 3, 3, 0.8),
            case("small numbers far from 0", 4, 4, 2, 2, 1e-5, scale=0.05, shift=3.0)]


def batch_norm(h, gamma, beta, eps):
    mean = h.mean((0, 2, 3), keepdim=True)
    variance = (h - mean).square().mean((0, 2, 3), keepdim=True)
    normal = (h - mean) / (variance + eps).sqrt()
    return gamma[:, None, None] * normal + beta[:, None, None]


def _norm(dims=(0, 2, 3), detach=False, divide=lambda v, eps: (v + eps).sqrt(), correction=0):
    def answer(h, gamma, beta, eps):
        mean, variance = h.mean(dims, keepdim=True), h.var(dims, keepdim=True, correction=correction)
        if detach:
            mean, variance = mean.detach(), variance.detach()
        return gamma[:, None, None] * (h - mean) / divide(variance, eps) + beta[:, None, None]
    return answer


batch_norm_exercise = Code(
    id="batch_norm", title="Batch norm, in training", level="medium",
    prompt="Write batch norm as it acts in training: each channel of the batch gets mean 0 and variance 1 (but for "
           r"$\varepsilon$, which is added to the variance), then the scale $\gamma$ and the offset $\beta$. The "
           r"variance is the plain "
           "mean of squares, and gradients flow through the statistics.",
    doc="What batch norm gives, (n, c, height, width). h: (n, c, height, width). gamma, beta: (c,). eps: a number.",
    needs="import torch", reference=batch_norm, inputs=norm_cases,
    hints=("Over which of the four dimensions is a channel's mean taken? Keep them with `keepdim=True`.",
           "`var` divides by one less than the number by default; `correction=0` changes that.",
           "`gamma[:, None, None]` gives each channel its scale."),
    mistakes=(
        Mistake("mean over the batch only", _norm(dims=(0,)), "You normalised each pixel on its own. A channel has "
                "one mean, over the "
                "batch and all pixels."),
        Mistake("each picture", _norm(dims=(2, 3)), "You normalised each picture by itself: that is instance norm."),
        Mistake("over the channels", _norm(dims=(1, 2, 3)), "You took one mean for all channels of a picture: that "
                "is layer norm."),
        Mistake("all together", _norm(dims=(0, 1, 2, 3)), "Each channel has statistics of its own."),
        Mistake("corrected variance", _norm(correction=1), "Batch norm normalises by the mean of squares, without "
                "the correction by one. (It is "
                "the running average that torch corrects.)"),
        Mistake("ε outside", _norm(divide=lambda v, eps: v.sqrt() + eps), r"$\varepsilon$ is added to the variance, "
                r"inside the root."),
        Mistake("constants", _norm(detach=True), "The values are right, the gradients are not: mean and variance "
                "depend on $h$, and "
                "the gradient has to know."),
        Mistake("variance", _norm(divide=lambda v, eps: v + eps), "You divided by the variance instead of its root."),
    ),
    explanation="Through the statistics each sample's output depends on all others in its batch. That is why a "
        "gradient penalty, which wants one "
                "slope a sample, and batch norm do not go together.")


def overlap_cases(seed: int) -> list[Case]:
    chosen = [[(3, 2), (4, 2), (2, 3), (5, 3)], [(5, 2), (4, 1), (7, 4), (1, 2)]][seed % 2]
    return [Case(f"kernel {k}, stride {s}", (k, s)) for k, s in chosen]


def overlaps(k, s):
    along = torch.tensor([len(range(r, k, s)) for r in range(s)])
    return torch.outer(along, along)


overlaps_exercise = Code(
    id="overlaps", title="Count the overlaps", level="medium",
    prompt="A transposed convolution has kernel $k$, stride $s$ and no padding. Write the function that says how "
        "often each pixel of the "
           "output is painted, far from the edges: one period, $s \\times s$ whole numbers. The entry $[0, 0]$ "
           "belongs to the pixels where "
           "a copy of the kernel begins, in both directions.",
    doc="Counts, an integer tensor (s, s). k, s: whole numbers.",
    needs="import torch", reference=overlaps, inputs=overlap_cases,
    hints=("Along one axis: which of the taps $0, \\dots, k - 1$ land on a pixel whose position has the remainder $r$?",
           "Those with the same remainder: `range(r, k, s)`. And in two dimensions?"),
    mistakes=(
        Mistake("sum", lambda k, s: overlaps(k, s)[:, :1] // overlaps(k, s)[0, 0].sqrt().long()
                + overlaps(k, s)[:1] // overlaps(k, s)[0, 0].sqrt().long(),
                "You added the counts of the two axes. Every tap along one axis goes with every tap along the other."),
        Mistake("even", lambda k, s: torch.full((s, s), (k // s) ** 2), "That is right only where $s$ divides $k$: "
                "the taps that are left "
                "over land somewhere."),
        Mistake("rounded up", lambda k, s: torch.full((s, s), (-(-k // s)) ** 2), "Not all pixels get one of the "
                "taps that are left over."),
        Mistake("reversed", lambda k, s: overlaps(k, s).flip(0, 1), "The taps that are left over land where the "
                "copies *begin*, at "
                "the small remainders."),
        Mistake("one axis", lambda k, s: torch.tensor([len(range(r, k, s)) for r in range(s)]).expand(s, s),
                "You counted along one axis only."),
    ),
    explanation="`conv_transpose2d` of ones with a kernel of ones gives the same, which makes a fine test.")


def transposed_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()

    return [Case("kernel 3, stride 2", (draw(2, 3, 5), draw(3, 4, 3), 2)), Case("kernel 4, stride 1", (draw(3, 2, 4), draw(2, 1, 4), 1)),
            Case("kernel 2, stride 3, which leaves gaps", (draw(1, 2, 4), draw(2, 3, 2), 3))]


def transposed(x, weight, stride):
    n, _, length = x.shape
    _, channels, k = weight.shape
    y = x.new_zeros(n, channels, (length - 1) * stride + k)
    for i in range(length):
        for t in range(k):
            y[:, :, i * stride + t] += x[:, :, i] @ weight[:, :, t]
    return y


def _overwritten(x, weight, stride):
    n, _, length = x.shape
    _, channels, k = weight.shape
    y = x.new_zeros(n, channels, (length - 1) * stride + k)
    for i in range(length):
        for t in range(k):
            y[:, :, i * stride + t] = x[:, :, i] @ weight[:, :, t]
    return y


def _padded(x, weight, stride):
    return F.pad(transposed(x, weight, stride), (0, max(0, x.shape[2] * stride - (x.shape[2] - 1) * stride - weight.shape[2])))[
        :, :, :x.shape[2] * stride]


transposed_exercise = Code(
    id="transposed", title="A transposed convolution by hand", level="hard",
    prompt="Write a transposed convolution in one dimension, without padding, with loops and additions only: each "
        "input pixel paints a copy of the "
           "kernel, and copies overlap.",
    doc="(n, out, (length - 1)*stride + k). x: (n, in, length). weight: (in, out, k). stride: a whole number.",
    needs="import torch", reference=transposed, inputs=transposed_cases,
    hints=("Begin with zeros of the right size.",
           "Input pixel $i$ and tap $t$ meet at output pixel $i \\cdot \\text{stride} + t$.",
           "What arrives there is `x[:, :, i] @ weight[:, :, t]`, of shape (n, out), and it is *added*."),
    mistakes=(
        Mistake("overwritten", _overwritten, "Where copies overlap they add up; yours keeps the last one."),
        Mistake("kernel reversed", lambda x, w, s: transposed(x, w.flip(2), s), "Your kernel is the wrong way "
                "round: tap 0 lands where the copy begins."),
        Mistake("cut to n times stride", _padded, "The size is $(n - 1)s + k$, not $ns$."),
        Mistake("stride 1", lambda x, w, s: transposed(x, w, 1), "The copies start `stride` pixels apart."),
        Mistake("one channel for all", lambda x, w, s: transposed(x, w.mean(0, keepdim=True).expand_as(w), s),
                "Each input channel has kernels of its own."),
        Mistake("order of the copies", lambda x, w, s: transposed(x.flip(2), w, s), "The first input pixel paints "
                "the first copy."),
    ),
    explanation="This is the adjoint of the convolution with the same kernel: written as a matrix, one is the "
        "transpose of the other.")


def arc_cases(seed: int) -> list[Case]:
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    return [Case("5 pairs in 8 dimensions, a third of the way", (draw(5, 8).requires_grad_(), draw(5, 8).requires_grad_(), 1 / 3)),
            Case("pairs of different lengths", (draw(4, 3).requires_grad_(), (4 * draw(4, 3)).requires_grad_(), 0.8)),
            Case("at the start", (draw(3, 6).requires_grad_(), draw(3, 6).requires_grad_(), 0.0))]


def slerp(a, b, t):
    cosine = (a * b).sum(1, keepdim=True) / (a.norm(dim=1, keepdim=True) * b.norm(dim=1, keepdim=True))
    angle = torch.arccos(cosine)
    return (((1 - t) * angle).sin() * a + (t * angle).sin() * b) / angle.sin()


def _unit(a, b, t):
    return slerp(F.normalize(a, dim=1), F.normalize(b, dim=1), t)


def _no_lengths(a, b, t):
    angle = torch.arccos((a * b).sum(1, keepdim=True).clamp(-0.999, 0.999))
    return (((1 - t) * angle).sin() * a + (t * angle).sin() * b) / angle.sin()


def _one_angle(a, b, t):
    angle = torch.arccos((a * b).sum() / (a.norm() * b.norm()))
    return (((1 - t) * angle).sin() * a + (t * angle).sin() * b) / angle.sin()


slerp_exercise = Code(
    id="slerp", title="Along the great circle", level="medium",
    prompt=r"Write spherical interpolation. With $\theta$ the angle between $a$ and $b$, the point at the share $t$ "
        r"of the way is $\frac{\sin((1 - t)\theta)\,a + "
           r"\sin(t\theta)\,b}{\sin\theta}$. Each row of `a` and `b` is a pair of its own.",
    doc="(n, d). a, b: (n, d), no pair in line with 0. t: a number from 0 to 1.",
    needs="import torch", reference=slerp, inputs=arc_cases,
    hints=("The cosine of the angle is the inner product divided by both lengths, for each row.",
           "`(a * b).sum(1, keepdim=True)` is the inner product, one a row; `torch.arccos` gives the angle."),
    mistakes=(
        Mistake("straight line", lambda a, b, t: (1 - t) * a + t * b, "That is the straight line."),
        Mistake("lengths forgotten", _no_lengths, "The inner product is the cosine only for vectors of length 1: "
                "divide by both lengths."),
        Mistake("one angle", _one_angle, "You took one angle for the whole batch. Each pair has its own."),
        Mistake("on the unit sphere", _unit, "Your points have length 1. The latents do not; keep their lengths."),
        Mistake("turned round", lambda a, b, t: slerp(b, a, t), "At $t = 0$ it must be at $a$."),
        Mistake("right angle", lambda a, b, t: torch.cos(torch.tensor(t * torch.pi / 2)) * a + torch.sin(torch.tensor(t * torch.pi / 2)) * b,
                "You took the angle for 90°. In many dimensions that is nearly so, but not quite."),
    ),
    explanation="Between two latents of 100 dimensions the angle is 90°, give or take 6°, and this is nearly "
        "$\\cos\\varphi\\,a + \\sin\\varphi\\,b$.")

wrong_argument = Choice(
    id="wrong_argument", title="BatchNorm2d(64, 0.8)", level="easy", concept=True,
    prompt="Somebody wants a slower running average in a batch norm and writes `nn.BatchNorm2d(64, 0.8)`. What "
        "happens?",
    hints=("What is the second argument of `BatchNorm2d`?",),
    options=(
        Option(r"$\varepsilon$ becomes 0.8: channels with a variance far below that are hardly normalised at all", True,
               "The second argument is `eps`. With weights of 0.02 the variances are about 0.01 to 0.03, so most of "
               "the normalisation is "
               "gone."),
        Option("the running average keeps 80 % of its old value", False, "That is what was meant. Written so it "
               "would be `momentum=0.2` in "
               "torch, which counts the share of the *new* value."),
        Option("the scales start at 0.8", False, "Scales start at 1 in torch and are drawn around 1 by DCGANs."),
        Option("it fails with an error", False, "It does not, and that is why the line has been copied so often."),
    ),
    explanation="Name the arguments: `nn.BatchNorm2d(64, momentum=0.2)`.")

stands_still = Choice(
    id="stands_still", title="A loss of 1.02", level="medium", concept=True,
    prompt="From step 300 on $D$'s loss stands at about 1.02, while the generated digits stay noise that everybody "
        "tells from real ones at a "
           "glance. The loss is binary cross-entropy on logits, real plus generated. What do you look at first?",
    hints=("Which loss would a $D$ have that is nearly always right?",
           r"What is $\log 2 + \log(1 + e^{-1})$?"),
    options=(
        Option("the last layer of $D$: is there a sigmoid before a loss that has its own?", True,
               "A $D$ that sees such a difference should be near 0. Just above 1.006 is the floor of a sigmoid "
               "taken twice."),
        Option(r"nothing: it approaches the equilibrium, $2\log2$", False, r"$2\log2 \approx 1.386$, and the "
               r"samples say that there is no "
               "equilibrium."),
        Option("the learning rate of $G$, which is too low", False, "Then $D$ would win, and its loss would fall "
               "towards 0."),
        Option("the number of classes that $G$ draws", False, "Collapse does not hold $D$'s loss up. Noise is not "
               "collapse, either."),
    ),
    explanation="Know the three numbers by heart: 0 for a $D$ that is sure and right, 1.386 for one that knows "
        "nothing, 1.006 for this bug.")

keeps_the_loss = Choice(
    id="keeps_the_loss", title="Which changes does the loss not see?", level="medium", concept=True,
    prompt="A trained generator $G$ gets a map before it: $G(T(z))$ with $z \\sim N(0, I)$. For which $T$ is the "
        "distribution of its pictures the "
           "same as before, whatever $G$ is? (All that are right.)",
    hints=("When is $T(z)$ distributed like $z$?",),
    options=(
        Option("a rotation about the origin", True, "$N(0, I)$ looks the same from all sides."),
        Option("doubling: $T(z) = 2z$", False, "Then $T(z) \\sim N(0, 4I)$: lengths that $G$ has hardly ever met."),
        Option("exchanging the first two coordinates where the third is positive", True, "Wild, not even "
               "continuous, and yet it keeps $N(0, "
               "I)$: neighbours are torn apart, and no loss notices."),
        Option("bringing all $z$ to the length $\\sqrt d$", False, "Nearly, in many dimensions; but the length of a "
               "latent varies by about 0.7, and "
               "$G$ may have used it, for instance for the thickness of strokes."),
    ),
    explanation="So nothing in the loss asks for smooth walks. They come from the network, which prefers gentle maps.")

smooth_walks = Choice(
    id="smooth_walks", title="What a smooth walk proves", level="medium", concept=True,
    prompt="Between any two latents a generator's pictures change smoothly, and each looks real. What follows?",
    hints=("Could a generator that reproduces all training pictures, each from a small region of latents, have "
           "smooth walks too?",),
    options=(
        Option("that it has not learnt its training pictures by heart", False, "It could pass from one memorised "
               "picture to the next "
               "through short transitions. Ask for the nearest training pictures, with a test that says how near is "
               "too near (chapter 12)."),
        Option("that the loss has ordered the latent space", False, "The loss is the same for orders that are as "
               "wild as you like."),
        Option("that $G$ is a continuous map that meets good pictures along this way", True, "That is all. It is "
               "worth seeing, and it is no "
               "measure of variety or of memorisation."),
        Option("that it draws all kinds of pictures in the data", False, "A collapsed generator has the smoothest "
               "walks of all."),
    ),
    explanation="Walks are a picture of a function. For statements about distributions, count.")

five_in_d = Choice(
    id="five_in_d", title="Kernel 5 in D", level="medium", concept=True,
    prompt="A generator repeats pixels and convolves, so it has no overlaps to fear. Its discriminator uses "
        "convolutions with kernel 5 and "
           "stride 2. Can a checkerboard come from *there*?",
    hints=("Which map takes a gradient back through a strided convolution?",),
    options=(
        Option("yes: the gradient that $G$ receives has passed a transposed convolution with kernel 5 and stride "
               "2", True,
               "By Identity 11.2 it is the adjoint. Some pixels are reached by 9 paths and others by 4, so some are "
               "pushed harder."),
        Option("no: overlaps occur only where a picture gets larger", False, "On its way back the *gradient* gets "
               "larger, pixel by pixel."),
        Option("no: $D$'s weights are not part of the generator", False, "The generator learns nothing but what "
               "$D$'s gradient says."),
        Option("yes, but only with batch norm in $D$", False, "Counts have nothing to do with batch norm."),
    ),
    explanation="So kernel 4 with stride 2 is a good choice in $D$, too.")

one_call = Choice(
    id="one_call", title="One call instead of two", level="hard", concept=True,
    prompt="To save time, real and generated pictures go through a $D$ with batch norm in one batch, "
        "`D(torch.cat([real, fake]))`, and the logits are "
           "split. In $G$'s step $D$ sees generated pictures only. What is inconsistent about it?",
    hints=("Of which samples are mean and variance taken in each of the two steps?",),
    options=(
        Option("$D$ learns about mixed batches, and $G$ follows its opinion about pure ones, which are normalised "
               "by other statistics", True,
               "The same picture gets another logit in the two steps. A difference in the mean that $D$ has learnt "
               "to see vanishes in a pure "
               "batch."),
        Option("the gradient of $D$'s loss is wrong by a factor of 2", False, "Two means over halves of a batch are "
               "the same numbers as before."),
        Option("labels and samples get out of order", False, "`cat` and a split keep the order."),
        Option("nothing, as long as $D$ is in training mode in both steps", False, "Training mode is what makes the "
               "logits depend on the batch."),
    ),
    explanation="Two calls, as in the chapter's loop, normalise generated pictures by generated ones in both steps. "
        "Or leave batch norm out of $D$.")

CHAPTER = Chapter(
    "11", "DCGAN",
    [transposed_side, layer_weights, eps_std, phase_ratio, line_scale, tanh_floor, preactivation, twice_slope, neighbours,
     batch_norm_exercise, overlaps_exercise, slerp_exercise, transposed_exercise, wrong_argument, stands_still, keeps_the_loss,
     smooth_walks, five_in_d, one_call],
    gate={"first steps": (3, ("transposed_side", "layer_weights", "eps_std", "phase_ratio")),
          "derivation": (3, ("line_scale", "tanh_floor", "preactivation", "twice_slope", "neighbours")),
          "code": (2, ("batch_norm", "overlaps", "slerp", "transposed")),
          "concepts": (4, ("wrong_argument", "stands_still", "keeps_the_loss", "smooth_walks", "five_in_d", "one_call"))})
