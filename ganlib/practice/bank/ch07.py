"""Chapter 7, the Wasserstein distance."""

import torch

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number

other_units = Formula(
    id="other_units", title="Other units", level="easy",
    prompt="The data and the generator's samples are numbers, and $W_1(p, q) = W$. Now every number $x$, real or "
           "generated, is replaced by $b - cx$, with $c > 0$. What is the new $W_1$?",
    hints=("What happens to the distance between two points when both are replaced?",
           r"$(b - cx) - (b - cy) = -c\,(x - y)$. A distance is the absolute value of that.",
           "Every plan moves the same shares as before. What happens to the price of each move?"),
    symbols={"b": (-3.0, 3.0), "c": (0.2, 4.0), "W": (0.1, 3.0)}, reference="c*W",
    mistakes=(
        Mistake("as with JSD", "W", "You left it as it was. That is right for the Jensen–Shannon divergence, which "
                "has no unit. $W_1$ is measured in the units of $x$."),
        Mistake("sign", "-c*W", "The points change their order, but a distance is an absolute value. $W_1$ is never "
                "negative."),
        Mistake("shifted", "b - c*W", "You treated $W$ like a point. A distance is a difference of two points, so "
                "what is added to both of them drops out."),
        Mistake("shift kept", "c*W + b", "The stretching is right. But a shift of *both* distributions changes no "
                "distance between them."),
        Mistake("squared", "c**2*W", "So do variances behave, and squared distances. The cost of a move in $W_1$ is "
                "the distance itself."),
    ),
    explanation="$W_1$ has the unit of the data (Proposition 7.3): metres stay metres. So there is no largest value "
                r"such as $\log 2$, and a number without its unit says nothing.")

two_uniforms = Formula(
    id="two_uniforms", title="Shifted and stretched", level="easy",
    prompt="The data are uniform on $[0, 1]$, the generator's samples on $[m, m + b]$, with $m > 0$ and $b > 1$. What "
           "is $W_1$?",
    hints=(r"On the line the best plan keeps the order: the sample at the quantile $t$ goes to the quantile $t$.",
           r"The quantile functions are $t$ and $m + bt$, for $t$ from 0 to 1. How far is each move?",
           r"Each move is $m + (b - 1)t$, which is never negative. Average it over $t$."),
    symbols={"m": (0.2, 2.0), "b": (1.2, 3.0)}, reference="m + (b - 1)/2",
    mistakes=(
        Mistake("left ends", "m", "That is how far the leftmost sample is moved. Those further right are moved "
                "further."),
        Mistake("right ends", "m + b - 1", "That is how far the rightmost sample is moved, the longest of all moves. "
                "The distance is the average move."),
        Mistake("centre of one", "m + b/2", "That is where the generator's centre lies. The data's centre is not at "
                "0."),
        Mistake("shift forgotten", "(b - 1)/2", "That would be right for $m = 0$. The shift moves every sample "
                "further."),
        Mistake("W2", "sqrt(m**2 + m*(b - 1) + (b - 1)**2/3)", "You averaged the *squares* of the moves and took the "
                "root. That is $W_2$, which weighs long moves more; $W_1$ averages the moves themselves."),
    ),
    explanation="Everything moves to the right, so the distance is the difference of the means. That is so only when "
                "all moves have the same direction (compare Proposition 7.3).")

total_variation = Formula(
    id="total_variation", title="The total variation", level="easy",
    prompt="The data are uniform on $[0, 1]$, the generator's samples on $[0, b]$ with $b > 1$. What is their total "
           r"variation distance, $\mathrm{TV} = \tfrac12\int \lvert p - q\rvert dx$?",
    hints=(r"What are the two densities on $[0, 1]$, and on $[1, b]$?",
           r"On $[0, 1]$ the difference is $1 - \frac1b$, on $[1, b]$ it is $\frac1b$. Multiply by the lengths.",
           r"The two stretches contribute the same, since both densities integrate to 1."),
    symbols={"b": (1.2, 4.0)}, reference="1 - 1/b",
    mistakes=(
        Mistake("half forgotten", "2 - 2/b", r"That is the whole integral. With the $\tfrac12$ in front of it, the "
                "total variation lies between 0 and 1."),
        Mistake("the shared part", "1/b", "That is the share the two have in common. The distance counts what they do "
                "*not* share."),
        Mistake("length", "b - 1", "That is the length of the stretch where only generated samples lie. What counts "
                "is the probability there: length times density."),
        Mistake("W1", "(b - 1)/2", "That is $W_1$: how far the mass must go. The total variation asks only how much "
                "of it must go."),
        Mistake("KL", "log(b)", r"That is $\mathrm{KL}(p\,\Vert\,q)$. Take the definition in the question; it has no "
                "logarithm."),
        Mistake("halved twice", "(1 - 1/b)/2", r"That is the contribution of one stretch, with the $\tfrac12$. The "
                "other one contributes as much again."),
    ),
    explanation="It is the share of the mass that has to move, however far. And the best discriminator's accuracy on "
                r"an even mix is $\tfrac12(1 + \mathrm{TV})$.")

three_piles = Number(
    id="three_piles", title="Three piles of earth", level="easy",
    prompt="On the line there are places at 0, 2 and 5. The data have the share $a$ at 0, nothing at 2 and $1 - a$ at "
           "5. The generator has the share $g$ at 0, $1 - 2g$ at 2 and $g$ at 5. What is $W_1$?",
    hints=("Leave what may stay. At which places has one of them too much, and how much?",
           "The data have $a - g$ too much at 0 and $1 - a - g$ too much at 5. All of it is needed at the one place "
           "between.",
           "Multiply each share by the distance to 2, and add."),
    reference="2*(a - g) + 3*(1 - a - g)",
    draw={"a": (0.3, 0.35, 0.45, 0.55, 0.65, 0.75), "g": (0.05, 0.1, 0.15, 0.2)},
    mistakes=(
        Mistake("difference of means", "abs(3 - 5*a - g)", "That is the distance between the two means. Here some "
                "mass moves to the right and some to the left, and in the means these moves cancel."),
        Mistake("share moved", "1 - 2*g", "That is how much has to move, the total variation. The cost is share times "
                "*distance*."),
        Mistake("squared", "4*(a - g) + 9*(1 - a - g)", "You squared the distances, as in $W_2^2$. $W_1$ pays for the "
                "distance itself."),
        Mistake("independent", "a*(2*(1 - 2*g) + 5*g) + (1 - a)*(3*(1 - 2*g) + 5*g)", "You spread each pile of the "
                "data over all places in the generator's shares. That is a plan too, but it moves mass that could "
                "stay where it is."),
        Mistake("nothing stays", "2*a + 3*(1 - a)", "You moved both piles completely to the middle. But the generator "
                "wants a share $g$ at each end, and that much may stay."),
    ),
    explanation=r"By the cumulative shares (Theorem 7.4): $\lvert P - Q\rvert$ is $a - g$ between 0 and 2 and "
                "$1 - a - g$ between 2 and 5, and the lengths are 2 and 3. It is the same sum.")

critic_ceiling = Formula(
    id="critic_ceiling", title="How much a critic can see", level="easy",
    prompt="The data are $N(m, s^2)$, the generator's samples $N(m + a, s^2)$; $a$ may be negative. A critic $f$ may "
           "be any function whose slope is nowhere steeper than $K$, up or down. What is the largest "
           r"$\mathbb{E}_p f(x) - \mathbb{E}_q f(x)$? (Write `abs(...)` for an absolute value.)",
    hints=(r"For $K = 1$ the Kantorovich–Rubinstein duality names the largest value. What is it here?",
           r"The two normal densities are shifted copies of each other, so every move has the same length.",
           r"If $f$ has slopes up to $K$, then $f/K$ has slopes up to 1."),
    symbols={"a": (-2.0, 2.0), "K": (0.2, 5.0), "s": (0.3, 2.0)}, reference="K*abs(a)",
    mistakes=(
        Mistake("sign", "K*a", "For $a < 0$ yours is negative, and a constant critic already reaches 0. The critic "
                "may choose which way it slopes."),
        Mistake("other sign", "-K*a", "The critic $-Kx$ reaches that, and for $a > 0$ another one does better. It may "
                "choose which way it slopes."),
        Mistake("K = 1", "abs(a)", "That is $W_1$, the largest value for slopes up to 1. A steeper critic sees "
                "everything magnified."),
        Mistake("divided", "abs(a)/K", r"The wrong way round: the critic $Kx$ is allowed. What does it give?"),
        Mistake("in deviations", "K*abs(a)/s", "You measured the shift in standard deviations. So does a test that "
                "asks how well the two can be told apart; $W_1$ asks only how far."),
        Mistake("squared", "K*a**2", "You took the square of the distance. A critic with bounded slope grows no "
                "faster than the distance itself."),
    ),
    explanation=r"Each pair $x$ and $x + a$ contributes at most $K\lvert a\rvert$, and $f(x) = \mp Kx$ reaches it. In "
                r"general the largest value is $K\,W_1$ (Theorem 7.7, magnified): a critic whose slope is bounded by "
                "an *unknown* $K$ measures the distance up to an unknown factor.")

PI = "3.14159265358979"

narrow_gaussian = Number(
    id="narrow_gaussian", title="Too narrow", level="medium",
    prompt="The data are $N(0, 1)$, and the generator's samples $N(0, s^2)$, with $s < 1$ the standard deviation. "
           "What is $W_1$?",
    hints=(r"Samples at the same quantile: if the data's sample is $z$, where is its partner?",
           r"Its partner is $sz$, so the move is $(1 - s)\lvert z\rvert$. Average over $z \sim N(0, 1)$.",
           r"$\mathbb{E}\lvert z\rvert = \sqrt{2/\pi} \approx 0.798$."),
    reference=f"(1 - s)*sqrt(2/{PI})", draw={"s": (0.1, 0.2, 0.25, 0.3, 0.4, 0.6, 0.7, 0.75, 0.8, 0.9)},
    mistakes=(
        Mistake("difference of means", "0", "The means agree, but the distributions do not. Left of the centre the "
                "moves go one way, right of it the other; their lengths do not cancel."),
        Mistake("W2", "1 - s", r"That is $W_2$, the root of the mean *squared* move. The mean move is shorter."),
        Mistake("variance", f"(1 - s**2)*sqrt(2/{PI})", "You scaled by the variance. The partner of $z$ is $sz$, with "
                "the standard deviation."),
        Mistake("sign", f"(s - 1)*sqrt(2/{PI})", "A distance is never negative: for $s < 1$ the length of the move is "
                r"not $(s - 1)\lvert z\rvert$."),
        Mistake("one side", f"(1 - s)/sqrt(2*{PI})", "You integrated over $z > 0$ only. The other half of the samples "
                "moves as well."),
        Mistake("mean square", f"(1 - s)*2/{PI}", r"You forgot a root: $2/\pi$ is the *square* of "
                r"$\mathbb{E}\lvert z\rvert$."),
    ),
    explanation=r"This is a case of Corollary 7.5. A generator that makes one point only, $s \to 0$, is at the "
                r"distance 0.798: finite, while a divergence such as $\mathrm{KL}(p\,\Vert\,q)$ grows without bound.")

inside = Formula(
    id="inside", title="A generator inside the data", level="medium",
    prompt="The data are uniform on $[0, 1]$. The generator's samples are uniform on $[a, 1 - r]$: they leave a gap "
           "$a$ on the left and a gap $r$ on the right. What is $W_1$, in $a$ and $r$?",
    hints=("The quantile functions are $t$ and $a + (1 - a - r)t$. The signed move at the quantile $t$ is "
           "$a - (a + r)t$.",
           r"It goes from $a$ at $t = 0$ down to $-r$ at $t = 1$. Where does it change its sign?",
           r"$\int_0^1 \lvert a - (a + r)t\rvert dt$ is the area of two triangles: their heights are $a$ and $r$, "
           r"their bases $\frac{a}{a + r}$ and $\frac{r}{a + r}$."),
    symbols={"a": (0.05, 0.45), "r": (0.05, 0.45)}, reference="(a**2 + r**2)/(2*(a + r))",
    mistakes=(
        Mistake("difference of means", "abs(a - r)/2", "That is the difference of the means: you let moves to the "
                "left cancel moves to the right. For $a = r$ yours is 0, though the distributions differ."),
        Mistake("mean of the ends", "(a + r)/2", "You averaged the moves of the two ends. The moves between them are "
                "not spread evenly from $a$ to $r$: they fall to 0 on the way."),
        Mistake("W2", "sqrt((a**2 - a*r + r**2)/3)", "That is $W_2$, the root of the mean squared move. Average the "
                "absolute moves."),
        Mistake("half forgotten", "(a**2 + r**2)/(a + r)", "You took the area of two rectangles. Each move shrinks "
                "evenly to 0, so the areas are those of triangles."),
        Mistake("slope forgotten", "(a**2 + r**2)/2", "You took $a$ and $r$ for the bases of the triangles. Along the "
                r"axis of $t$ the sign changes at $t = \frac{a}{a + r}$."),
        Mistake("longest move", "(a + r + abs(a - r))/2", "That is the longest of all moves. The distance is the mean "
                "move."),
    ),
    explanation=r"For equal gaps it is $a/2$, although the means agree.")

inside_pull = Formula(
    id="inside_pull", title="Which way does the distance pull?", level="hard",
    prompt="As before, the data are uniform on $[0, 1]$ and the generator's samples on $[a, 1 - r]$. Now the "
           "generator shifts all its samples by $h$ to the right. What is the derivative of $W_1$ by $h$, at $h = 0$?",
    hints=(r"What becomes of the two gaps when all samples are shifted by $h$?",
           r"$a$ becomes $a + h$ and $r$ becomes $r - h$. Put that into $\frac{a^2 + r^2}{2(a + r)}$; what does not "
           "change?",
           r"Or count: every sample that lies to the right of its partner contributes $+1$, every other one $-1$."),
    symbols={"a": (0.05, 0.45), "r": (0.05, 0.45)}, reference="(a - r)/(a + r)",
    mistakes=(
        Mistake("sign", "(r - a)/(a + r)", "Right in size, wrong in sign: for $a > r$ the samples lie too far to the "
                "right, and a shift to the right makes the distance larger. (Yours is the *pull*, downhill.)"),
        Mistake("always one", "1", "That holds if all samples lie to the right of their partners. Here some lie to "
                "the left, and for these the shift is a gain."),
        Mistake("one gap only", "(a**2 + 2*a*r - r**2)/(2*(a + r)**2)", "You differentiated by $a$ with $r$ fixed: "
                "that moves the left end only and squeezes the samples. A shift changes both gaps."),
        Mistake("share on the right", "a/(a + r)", "That is the share of the samples for which the shift is a loss. "
                "For the others it is a gain, which counts negatively."),
        Mistake("of the means", "abs(a - r)/(a - r)", "You differentiated the distance of the *means*, which has the "
                r"slope $\pm1$ everywhere. $W_1$ is the mean of the single distances."),
        Mistake("numerator only", "a - r", r"That is the derivative of $\tfrac12(a^2 + r^2)$: the divisor $a + r$ got "
                "lost. Try $r = 0$: all moves go one way, and the slope must be 1."),
    ),
    explanation="The share of samples that are moved away from their partners, minus the share that come nearer. It "
                "is never larger than 1, and it is 0 only where the shift is right.")


def _draws(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def sample_cases(seed: int) -> list[Case]:
    return [Case(f"{rows} generated and {k * rows} real samples",
                 ((_draws(k * rows, seed=7 * seed + k) - 0.2).requires_grad_(),
                  (1.7 * _draws(rows, seed=7 * seed + k + 50) + 0.4).requires_grad_()))
            for rows, k in ((12, 3), (7, 5), (20, 1))]


def w1_samples(real, fake):
    copies = len(real) // len(fake)
    fake = fake.sort().values.repeat_interleave(copies)
    return (real.sort().values - fake).abs().mean()


def _moves(real, fake):
    return real.sort().values - fake.sort().values.repeat_interleave(len(real) // len(fake))


def _unsorted(real, fake):
    return (real - fake.repeat_interleave(len(real) // len(fake))).abs().mean()


def _by_size(real, fake):
    real, fake = real[real.abs().argsort()], fake[fake.abs().argsort()]
    return _unsorted(real, fake)


def _thinned(real, fake):
    return (real.sort().values[:: len(real) // len(fake)] - fake.sort().values).abs().mean()


w1_samples_exercise = Code(
    id="w1_samples", title="The distance of two samples", level="medium",
    prompt="Write a function that returns $W_1$ between two samples on the line. There are $k$ times as many real "
           "samples as generated ones, with a whole number $k$, which may be 1. Every sample of a kind weighs the "
           "same. The generator is to learn from it, so do it with tensors.",
    doc="W1, a 0-dim tensor, of the samples real, (k*n,), and fake, (n,).",
    needs="import torch", reference=w1_samples, inputs=sample_cases,
    hints=("On the line, the best plan keeps the order: the smallest go to the smallest.",
           r"A generated sample weighs as much as $k$ real ones: it is matched with $k$ neighbours in the order.",
           "`x.sort().values` sorts, and gradients flow through it. `x.repeat_interleave(k)` turns (1, 2) into (1, 1, "
           "2, 2) for $k = 2$."),
    mistakes=(
        Mistake("not sorted", _unsorted, "You match the samples as they come. That is one of many plans, and its cost "
                "is mostly higher than the least one."),
        Mistake("sorted by size", _by_size, "You sorted by the absolute value, so that $-2$ may be matched with 2. "
                "The order on the line is that of the signed numbers."),
        Mistake("repeat", lambda r, f: (r.sort().values - f.sort().values.repeat(len(r) // len(f))).abs().mean(),
                "`repeat` starts again from the smallest after each round, (1, 2, 1, 2): the order is lost. The "
                "copies of a sample must stand side by side."),
        Mistake("thinned out", _thinned, "You compare with every $k$-th real sample and throw the others away. $W_1$ "
                "knows them all."),
        Mistake("difference of means", lambda r, f: (r.mean() - f.mean()).abs(), "That is the distance of the means. "
                "Moves to the left and to the right cancel in it; the absolute value belongs inside the mean."),
        Mistake("squared", lambda r, f: _moves(r, f).square().mean(), r"You averaged squares: that is $W_2^2$."),
        Mistake("W2", lambda r, f: _moves(r, f).square().mean().sqrt(), "That is $W_2$. $W_1$ is the mean of the "
                "moves themselves."),
        Mistake("sum", lambda r, f: _moves(r, f).abs().sum(), "You added up the moves. Every sample carries one share "
                "of the mass only, so take the mean."),
        Mistake("longest move", lambda r, f: _moves(r, f).abs().max(), "That is the longest move. The cost is the "
                "mean over all."),
    ),
    explanation=r"It is $\int_0^1 \lvert P^{-1}(t) - Q^{-1}(t)\rvert dt$ for the two empirical quantile functions "
                "(Theorem 7.4). `theory.wasserstein_1d` does it for any two numbers of samples.")


def histogram_cases(seed: int) -> list[Case]:
    cases = []
    for what, rows, cells, dx in (("3 histograms of 40 cells", 3, 40, 0.25), ("one histogram of 25 cells", 1, 25, 0.5),
                                  ("5 histograms of 12 cells, dx = 2", 5, 12, 2.0)):
        q = _draws(cells, seed=seed + cells).exp()
        counts = (20 * _draws(rows, cells, seed=seed + cells + 9).abs()).floor()
        counts += torch.linspace(0, 6, cells, dtype=torch.float64).floor()
        cases.append(Case(what, (counts, q / (q.sum() * dx), dx)))
    return cases


def w1_histograms(counts, q, dx):
    surplus = counts / counts.sum(1, keepdim=True) - q * dx
    return surplus.cumsum(1).abs().sum(1) * dx


def _surplus(counts, q, dx):
    return counts / counts.sum(1, keepdim=True) - q * dx


w1_histograms_exercise = Code(
    id="w1_histograms", title="The distance of histograms", level="medium",
    prompt="The line is cut into cells of the width `dx`. The data are given by their density `q` in each cell, so "
           "that `q.sum() * dx` is 1. A generator is given by a histogram: how many of its samples fell into each "
           "cell. There are several histograms, one in each row of `counts`. Return $W_1$ of each of them to the "
           "data, with all mass of a cell put at its middle.",
    doc="W1 of each histogram to the data, (k,). counts: (k, cells), float64. q: density of the data, (cells,). dx: "
        "the cells' width.",
    needs="import torch", reference=w1_histograms, inputs=histogram_cases,
    hints=(r"On the line, $W_1 = \int \lvert P - Q\rvert dx$, with the two cumulative distribution functions. Think "
           "of what must cross each border between two cells.",
           "First turn both into shares of the mass per cell. The counts of a row are divided by their sum; the "
           "density is multiplied by `dx`.",
           "`cumsum(1)` adds up along each row. Then the absolute values, their sum along the row, and the length of "
           "each step."),
    mistakes=(
        Mistake("total variation", lambda c, q, dx: _surplus(c, q, dx).abs().sum(1), "That is twice the total variation: "
                "how much must move, not how far."),
        Mistake("width forgotten", lambda c, q, dx: w1_histograms(c, q, dx) / dx, "You counted in how many *cells* "
                "the mass moves. A step from cell to cell has a length."),
        Mistake("density for share", lambda c, q, dx: (c / c.sum(1, keepdim=True) - q).cumsum(1).abs().sum(1) * dx,
                "You subtracted a density from a share. A share is a density times the width of the cell."),
        Mistake("not normalised", lambda c, q, dx: (c - q * dx).cumsum(1).abs().sum(1) * dx, "Counts are not shares: "
                "with twice as many samples your distance changes."),
        Mistake("one sum for all", lambda c, q, dx: (c / c.sum() - q * dx).cumsum(1).abs().sum(1) * dx, "You divided "
                "by the sum of the whole table. Every row is a histogram of its own."),
        Mistake("not cumulative", lambda c, q, dx: _surplus(c, q, dx).abs().sum(1) * dx, "You compared cell by cell. "
                "So it does not matter how far the mass must go; accumulate before you take the absolute value."),
        Mistake("absolute too early", lambda c, q, dx: _surplus(c, q, dx).abs().cumsum(1).sum(1) * dx, "You took the "
                "absolute value before accumulating. A surplus in one cell fills a hole in the next, so they must be "
                "allowed to cancel on the way."),
        Mistake("signed", lambda c, q, dx: (_surplus(c, q, dx).cumsum(1).sum(1) * dx).abs(), "You took the absolute "
                "value at the very end: that gives the difference of the means."),
        Mistake("largest gap", lambda c, q, dx: _surplus(c, q, dx).cumsum(1).abs().amax(1), "That is the largest gap "
                "between the cumulative functions, the statistic of Kolmogorov and Smirnov. It has no unit; you want "
                "the area between them."),
        Mistake("squared", lambda c, q, dx: _surplus(c, q, dx).cumsum(1).square().sum(1) * dx, "You integrated the "
                "square of the gap. That is Cramér's distance, squared."),
    ),
    explanation="Theorem 7.4, in words: what has piled up to the left of a border has to cross it. So the work is the "
                r"sum over all borders of $\lvert P - Q\rvert$, times the length of a step.")


def point_cases(seed: int) -> list[Case]:
    plane, line = _draws(14, 2, seed=seed) * 3, _draws(9, 1, seed=seed + 20) * 4
    return [Case("14 points of the "
    "plane", (plane, (plane * torch.tensor([1.0, -0.4])).sum(1).sin() + 2 * plane[:, 0].abs())),
            Case("9 points on the line", (line, line[:, 0] ** 2)),
            Case("6 points in 4 dimensions", (_draws(6, 4, seed=seed + 40) / 5, _draws(6, seed=seed + 41)))]


def steepest_slope(x, values):
    rise = values[:, None] - values[None, :]
    distance = torch.cdist(x, x)
    apart = distance > 0
    return (rise[apart] / distance[apart]).max()


def _slopes(x, values, p=2.0):
    rise, distance = (values[:, None] - values[None, :]).abs(), torch.cdist(x, x, p=p)
    return rise[distance > 0] / distance[distance > 0]


def _with_itself(x, values):
    return ((values[:, None] - values[None, :]).abs() / torch.cdist(x, x)).max()


def _neighbours(x, values):
    return ((values[1:] - values[:-1]).abs() / (x[1:] - x[:-1]).norm(dim=1)).max()


steepest_slope_exercise = Code(
    id="steepest_slope", title="How steep is a critic?", level="medium",
    prompt="A critic was evaluated at some points, all different. Return the smallest $K$ for which these values may "
           r"come from a function with $\lvert f(x) - f(y)\rvert \le K\,\lVert x - y\rVert$ for all $x$ and $y$, "
           "where the norm is the Euclidean one.",
    doc="The least Lipschitz constant of the values, a 0-dim tensor. x: points, (n, d). values: f at the points, "
        "(n,).",
    needs="import torch", reference=steepest_slope, inputs=point_cases,
    hints=("Every pair of points demands something of $K$. What?",
           "All pairs at once: `values[:, None] - values[None, :]` is a table of shape (n, n), and "
           "`torch.cdist(x, x)` the table of distances.",
           "A point with itself gives 0/0. Leave these out, for instance with a mask, and take the maximum of the "
           "rest."),
    mistakes=(
        Mistake("with itself", _with_itself, "On the diagonal you compare each point with itself: $0/0$ is nan, and "
                "the maximum of anything with nan is nan."),
        Mistake("neighbours in the list", _neighbours, "You compared each point with the next one in the list only. "
                "The steepest pair may stand anywhere."),
        Mistake("mean", lambda x, v: _slopes(x, v).mean(), "That is the mean slope. The condition must hold for *all* "
                "pairs, also for the steepest."),
        Mistake("other norm", lambda x, v: _slopes(x, v, 1.0).max(), "You measured the distances as the sum of the "
                "absolute coordinates. The norm is the Euclidean one."),
        Mistake("squared", lambda x, v: (_slopes(x, v) / torch.cdist(x, x)[torch.cdist(x, x) > 0]).max(),
                "You divided by the *squared* distance."),
        Mistake("upside down", lambda x, v: (1 / _slopes(x, v)).max(), "You divided the distance by the rise."),
        Mistake("range over range", lambda x, v: (v.max() - v.min()) / torch.cdist(x, x).max(), "You divided the "
                "largest rise by the largest distance. They may belong to different pairs, and a short steep step "
                "does not show."),
    ),
    explanation="A function with this constant through these values exists. But a *network* with these values may be "
                "steeper between the points: points give a lower bound of its constant.")


def potential_cases(seed: int) -> list[Case]:
    cases = []
    for what, n, m in (("5 places and 5 places", 5, 5), ("4 places and 7 places", 4, 7), ("9 places and 3 "
    "places", 9, 3)):
        cost = torch.cdist(_draws(n, 2, seed=seed + n), _draws(m, 2, seed=seed + m + 30))
        a, b = _draws(n, seed=seed + 60).softmax(0), _draws(m, seed=seed + 61).softmax(0)
        cases.append(Case(what, (_draws(n, seed=seed + 62).requires_grad_(), a, b, cost)))
    return cases


def best_partner(f, a, b, cost):
    g = (cost - f[:, None]).min(0).values
    return a @ f + b @ g


def _partner(f, cost):
    return (cost - f[:, None]).min(0).values


best_partner_exercise = Code(
    id="best_partner", title="Half of a dual solution", level="hard",
    prompt="Weights $a_i$ are to be moved to weights $b_j$ at the costs $c_{ij}$. The dual programme maximises "
           r"$\sum_i a_i f_i + \sum_j b_j g_j$ under $f_i + g_j \le c_{ij}$ for all $i$ and $j$. Somebody gives you "
           "$f$, which may be far from the best one. Choose the best $g$ that is allowed with it, and return the dual "
           "value.",
    doc="The largest dual value with this f, a 0-dim tensor. f, a: (n,). b: (m,). cost: (n, m).",
    needs="import torch", reference=best_partner, inputs=potential_cases,
    hints=(r"Since $b_j \ge 0$, each $g_j$ should be as large as the conditions permit.",
           r"$g_j$ stands in $n$ conditions, one for each $i$: $g_j \le c_{ij} - f_i$.",
           "The strictest of them decides: the minimum over $i$. `table.min(0).values` is the minimum of each "
           "column."),
    mistakes=(
        Mistake("maximum", lambda f, a, b, cost: a @ f + b @ (cost - f[:, None]).max(0).values, "With the maximum "
                "over $i$ only one of the conditions on $g_j$ is kept, the weakest. All of them must hold, or the "
                "value is no lower bound of the cost."),
        Mistake("wrong axis", lambda f, a, b, cost: a @ f + b @ (cost - f[:, None]).min(1).values, "You took the "
                "minimum along the rows. A $g_j$ belongs to a column of the table; in other sizes your code would not "
                "even run."),
        Mistake("f added to the rows of b", lambda f, a, b, cost: a @ f + b @ (cost - f).min(0).values,
                "You subtracted $f$ along the wrong axis: it belongs to the rows. Broadcasting without `[:, None]` "
                "gives $c_{ij} - f_j$."),
        Mistake("sign of f", lambda f, a, b, cost: a @ f + b @ (cost + f[:, None]).min(0).values, "Solve the "
                "condition for $g_j$ once more: $f_i$ goes to the other side."),
        Mistake("sign of g", lambda f, a, b, cost: a @ f - b @ _partner(f, cost), "In this form of the dual the two "
                "sums are added. The minus appears when one writes $g = -f$, in the Kantorovich–Rubinstein form."),
        Mistake("minus f", lambda f, a, b, cost: a @ f - b @ f,
                "You took $g = -f$. That is allowed only if both sides have the same places and $f$ is 1-Lipschitz "
                "there."),
        Mistake("f forgotten", lambda f, a, b, cost: a @ f + b @ cost.min(0).values, "You chose $g_j$ as the least "
                "cost of its column. The condition is on the sum $f_i + g_j$."),
        Mistake("weights forgotten", lambda f, a, b, cost: f.mean() + _partner(f, cost).mean(), "You averaged with "
                "equal weights. The weights are $a$ and $b$."),
    ),
    explanation="The $g$ of the solution is called the $c$-transform of $f$. Whatever $f$ is, the value is a lower "
                "bound of the transport cost, and with the best $f$ it is equal to it.")


def gradient_cases(seed: int) -> list[Case]:
    return [Case(f"{rows} samples of each kind",
                 (1.5 * _draws(rows, seed=seed + rows), _draws(rows, seed=seed + rows + 30) + shift))
            for rows, shift in ((8, 0.2), (25, -0.5), (15, 0.0))]


def w1_gradient(real, fake):
    order = fake.argsort()
    gradient = torch.empty_like(fake)
    gradient[order] = (fake[order] - real.sort().values).sign() / len(fake)
    return gradient


def _signs(real, fake):
    return (fake.sort().values - real.sort().values).sign() / len(fake)


w1_gradient_exercise = Code(
    id="w1_gradient", title="What each sample feels", level="hard",
    prompt="There are $n$ real and $n$ generated samples on the line. Return the derivative of $W_1$ by each "
           "generated sample, in the order in which the samples were given. (No two samples are equal.)",
    doc="The derivative of W1 by each generated sample, (n,). real, fake: (n,), in no order.",
    needs="import torch", reference=w1_gradient, inputs=gradient_cases,
    observe=lambda arguments, returned: returned.detach() if isinstance(returned, torch.Tensor) else returned,
    hints=(r"$W_1$ is the mean of the distances to the partners. What is the derivative of $\lvert y - x\rvert$ by "
           "$y$? And who is the partner of a sample?",
           "The partner of the third smallest generated sample is the third smallest real one. Compute the answer in "
           "sorted order first.",
           "With `order = fake.argsort()`, `fake[order]` is sorted. To put results back: `gradient[order] = ...`. (Or "
           "let autograd do all of it.)"),
    mistakes=(
        Mistake("left sorted", _signs, "The numbers are right, but they stand in sorted order. The first must belong "
                "to the first generated sample that was given."),
        Mistake("put back wrongly", lambda r, f: _signs(r, f)[f.argsort()], "You applied the order a second time in "
                "place of its inverse. `x[order]` takes from these places; `y[order] = ...` puts there."),
        Mistake("sign", lambda r, f: -w1_gradient(r, f), "That is the direction downhill, to the partner. The "
                "derivative says how the distance *grows* when the sample moves to the right."),
        Mistake("not divided", lambda r, f: w1_gradient(r, f) * len(f), r"One sample carries only $\frac1n$ of the "
                "mass."),
        Mistake("partner by place", lambda r, f: (f - r).sign() / len(f), "You took the real sample at the same place "
                "of the list for the partner. The lists have no order; sort them."),
        Mistake("nearest", lambda r, f: (f - r[(f[:, None] - r).abs().argmin(1)]).sign() / len(f), "You let each "
                "sample go to the *nearest* real one. Then several go to the same, and others are never reached: that "
                "is no transport plan."),
        Mistake("difference of means", lambda r, f: (f.mean() - r.mean()).sign() * torch.ones_like(f) / len(f),
                "You differentiated the distance of the means, by which all samples are pushed the same way."),
        Mistake("move itself", lambda r, f: 2 * (f - r.sort().values[f.argsort().argsort()]) / len(f), "That is the "
                "gradient of $W_2^2$: twice the move itself. In $W_1$ a far sample is pulled no more strongly than a "
                "near one."),
    ),
    explanation=r"Each sample is pulled to its partner with the strength $\frac1n$, however far it is. The pull never "
                "fades with the distance, as that of a saturated loss does, and it does not fade near the goal "
                "either.")

accurate_and_near = Choice(
    id="accurate_and_near", title="Right 99 times in 100", level="medium", concept=True,
    prompt="On fresh samples, half of them real, a discriminator is right 99 times in 100. What follows? (All that "
           "are right.)",
    hints=(r"No discriminator is right more often than $\tfrac12(1 + \mathrm{TV})$. And does accuracy have a unit?",),
    options=(
        Option(r"$W_1(p, q)$ is large, compared with the spread of the data", False, "Shift the data by a millionth "
               "along a direction in which they do not vary: a perfect discriminator exists, and $W_1$ is a "
               "millionth."),
        Option(r"the total variation of $p$ and $q$ is at least 0.98", True, "The best accuracy is "
               r"$\tfrac12(1 + \mathrm{TV})$, and this discriminator is not better than the best."),
        Option("the supports of $p$ and $q$ do not meet", False, "Two normal densities 4.7 standard deviations apart "
               "allow this accuracy, and both are positive everywhere."),
        Option(r"$\mathrm{JSD}(p, q)$ is near its ceiling of $\log 2$", True, "A guess that is wrong in 1 % leaves at "
               r"most 0.056 nats of uncertainty about the maker, so $\mathrm{JSD} \ge 0.693 - 0.056$."),
        Option("the generator gets no gradient from this discriminator", False, "Accuracy says on which side of 0 the "
               "logits lie, not how far out nor how steep they are."),
    ),
    explanation="Accuracy tells that the two can be told apart. It does not tell how far apart they are, nor what the "
                "generator feels.")

who_shows_the_way = Choice(
    id="who_shows_the_way", title="Far apart", level="easy", concept=True,
    prompt="The data are uniform on $[0, 1]$, the generator's samples on $[5, 6]$, and the generator can only shift "
           "them. Which of these has a finite derivative by the shift that is not 0?",
    hints=("Which of them changes at all when 5 becomes 4.9?",),
    options=(
        Option(r"$\mathrm{JSD}(p, q)$", False, r"It is $\log 2$ for every shift beyond 1, so its derivative is 0."),
        Option(r"$\mathrm{KL}(p\,\Vert\,q)$", False, "It is infinite for every shift but 0: there is nothing to "
               "differentiate."),
        Option(r"$\mathrm{TV}(p, q)$", False, "It is 1 for every shift beyond 1: no mass is shared, and it does not "
               "ask how far off it is."),
        Option(r"$W_1(p, q)$", True, "It is the shift itself, so its derivative is 1, at every distance."),
    ),
    explanation="That is Proposition 7.6. The first three compare densities point by point and know nothing of near "
                "and far.")

slack = Choice(
    id="slack", title="Where something moves", level="medium", concept=True,
    prompt="A best transport plan moves some mass from place $i$ to place $j$. The potentials $f$ and $g$ solve the "
           r"dual, so that $f_k + g_l \le c_{kl}$ everywhere. What follows for this pair?",
    hints=(r"$\sum \pi_{kl} c_{kl} = \sum a_k f_k + \sum b_l g_l = \sum \pi_{kl}(f_k + g_l)$. Compare the first sum "
           "with the last, term by term.",),
    options=(
        Option(r"$f_i + g_j < c_{ij}$: there is room left", False, "Then this move would cost more than the dual pays "
               "for it, and the two totals could not agree. Where there is room, nothing moves."),
        Option(r"$f_i + g_j = c_{ij}$: the condition is tight", True, "The plan's total cost equals the dual value "
               "only if every move that is made is paid for exactly. This is complementary slackness."),
        Option(r"$j$ is the place with the least $c_{ij}$ from $i$", False, "The cheapest place may be filled by "
               "others for whom everything else is far. The plan is the best as a whole."),
        Option(r"$f_i = c_{ij}$ and $g_j = 0$, since $j$ only receives", False, "A constant may be added to all $f$ "
               "and taken from all $g$. Single potentials are not determined; sums are."),
    ),
    explanation="This is Theorem 7.7, part (b). The converse fails: a tight pair need not carry anything.")

any_critic = Choice(
    id="any_critic", title="An untrained critic", level="easy", concept=True,
    prompt="Nobody trained the critic $f$, but its slope is at most 1 everywhere. With exact expectations, "
           r"$\mathbb{E}_p f - \mathbb{E}_q f = 0.7$. What do you know about $W_1(p, q)$?",
    hints=("What does the Kantorovich–Rubinstein duality maximise, and over which functions?",),
    options=(
        Option("it is 0.7 or less", False, "The wrong way round: the distance is the *largest* value of all such "
               "critics, and this is one of them."),
        Option("it is 0.7 or more", True, "It is the largest value over all functions with slope at most 1, and here "
               "is one that reaches 0.7."),
        Option("it is about 0.7", False, "Only the best critic comes close to the distance. This one may be far from "
               "the best."),
        Option("nothing, before it is trained", False, "The duality does not ask where a function comes from. Its "
               "slope is all that matters."),
    ),
    explanation="A critic that keeps to the slope gives a proof of distance. Training makes the proof better; it does "
                "not make it valid.")

two_batches = Choice(
    id="two_batches", title="Two batches of the same", level="medium", concept=True,
    prompt="You draw two batches of 64 numbers from one and the same normal distribution, and again and again. On "
           "average their $W_1$ is 0.2. Which statements are right? (All that are.)",
    hints=("Two batches are two different sets of points. How does the distance between their cumulative functions "
           "fall with $n$, on the line?",),
    options=(
        Option("the code has an error, because equal distributions have distance 0", False, "The *distributions* "
               "have. Two finite batches differ, and a distance cannot average out to 0, since it is never negative."),
        Option("a perfect generator, judged by such batches, would get 0.2 as well", True, "Its samples are such "
               "batches. This floor is what to compare with, not 0."),
        Option("with batches of 256 numbers the average will be about 0.1", True, "On the line the floor of such "
               r"distributions falls like $1/\sqrt n$: four times the samples, half the floor."),
        Option("with ten thousand pairs of batches the average will tend to 0", False, "More pairs make the average "
               "more precise. It is the average of positive numbers, and only larger batches bring it down."),
    ),
    explanation=r"In $d > 2$ dimensions it is worse (Rate 7.14): there the floor falls like $n^{-1/d}$.")

two_reports = Choice(
    id="two_reports", title="Two reports", level="easy", concept=True,
    prompt="Ann reports $W_1 = 3.2$, for grey values from 0 to 255. Ben reports $W_1 = 0.05$, for grey values from 0 "
           "to 1. Both mean the same pictures, the same exact distance and different generators. Whose generator is "
           "nearer to the data?",
    hints=("By which factor do Ann's pictures differ from Ben's in scale?",),
    options=(
        Option("Ben's, since 0.05 is less than 3.2", False, "The two numbers have different units."),
        Option("Ann's, by a factor of about four", True, r"In Ben's units hers is $3.2/255 = 0.0125$."),
        Option("Nobody can say, since $W_1$ has a unit", False, "It has, and the unit is known here: one grey step is "
               "1 for Ann and 1/255 for Ben."),
        Option("Neither, since scale does not matter to $W_1$", False, "It does: $W_1$ scales with the data. The "
               "Jensen–Shannon divergence does not."),
    ),
    explanation="The same holds for a critic's estimate, if its slope is at most 1: it has the unit of the data.")

CHAPTER = Chapter(
    "07", "The Wasserstein distance",
    [other_units, three_piles, two_uniforms, total_variation, critic_ceiling, narrow_gaussian, inside,
     w1_samples_exercise, w1_histograms_exercise, steepest_slope_exercise, inside_pull,
     best_partner_exercise, w1_gradient_exercise,
     accurate_and_near, who_shows_the_way, slack, any_critic, two_batches, two_reports],
    gate={"first steps": (3, ("other_units", "three_piles", "two_uniforms", "total_variation", "critic_ceiling")),
          "derivation": (2, ("narrow_gaussian", "inside", "inside_pull")),
          "code": (2, ("w1_samples", "w1_histograms", "steepest_slope", "best_partner", "w1_gradient")),
          "concepts": (4, ("accurate_and_near", "who_shows_the_way", "slack", "any_critic", "two_batches",
          "two_reports"))})
