"""Chapter 12, measuring a GAN."""

import torch

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number


def _normal(seed: int, *shapes):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(*shape, generator=generator, dtype=torch.float64) for shape in shapes]


on_the_line = Formula(
    id="on_the_line", title="Two bells on the line", level="easy",
    prompt=r"What is the Fréchet distance of $N(a, s^2)$ and $N(b, t^2)$ on the line? ($s$ and $t$ are standard "
           "deviations.)",
    hints=(r"In one dimension $(\Sigma_1\Sigma_2)^{1/2}$ is a number.", r"$s^2 + t^2 - 2\,st$ is a square."),
    symbols={"a": (-2.0, 2.0), "b": (-2.0, 2.0), "s": (0.3, 3.0), "t": (0.3, 3.0)},
    reference="(a - b)**2 + (s - t)**2",
    mistakes=(
        Mistake("variances for deviations", "(a - b)**2 + (s**2 - t**2)**2", "You took the difference of the "
                "variances. It is the standard deviations that are compared."),
        Mistake("deviations for variances", "(a - b)**2 + s + t - 2*sqrt(s*t)", "You put the standard deviations where "
                "the formula has variances."),
        Mistake("cross term forgotten", "(a - b)**2 + s**2 + t**2", r"The term $-2\operatorname{tr}(\Sigma_1\Sigma_2)^{1/2}$ is "
                "missing. That is the cost of matching at random."),
        Mistake("rooted", "sqrt((a - b)**2 + (s - t)**2)", "That is $W_2$. The Fréchet distance, as FID reports it, "
                "is its square."),
        Mistake("mean alone", "(a - b)**2", "The spreads count too."),
        Mistake("spread alone", "(s - t)**2", "The means count too."),
    ),
    explanation="Equal quantiles meet: the point $z$ deviations above the one mean goes to the point $z$ deviations "
                "above the other.")

faded = Formula(
    id="faded", title="Less contrast", level="easy",
    prompt="A model makes the data, but every feature comes out multiplied by $c > 0$. The data's features have a mean of "
           "length $m$ and a covariance with the trace $v$. What is the Fréchet distance between data and samples?",
    hints=(r"The samples' mean is $c\mu$ and their covariance $c^2\Sigma$.",
           r"$(\Sigma\cdot c^2\Sigma)^{1/2} = c\,\Sigma$."),
    symbols={"c": (0.2, 2.5), "m": (0.2, 3.0), "v": (0.3, 6.0)}, reference="(1 - c)**2*(m**2 + v)",
    mistakes=(
        Mistake("covariance scaled by c", "(1 - c)**2*m**2 + v*(1 + c - 2*sqrt(c))", "A covariance is multiplied by "
                "$c^2$ when the features are multiplied by $c$."),
        Mistake("mean unchanged", "(1 - c)**2*v", "The mean is multiplied as well."),
        Mistake("spread unchanged", "(1 - c)**2*m**2", "The spread changes as well."),
        Mistake("difference of the traces", "(1 - c)**2*m**2 + abs(1 - c**2)*v", "The traces alone do not decide: the "
                "cross term is twice the trace of a root."),
        Mistake("length not squared", "(1 - c)**2*(m + v)", r"$\lVert\mu - c\mu\rVert^2$ has the *squared* length of the "
                "mean."),
    ),
    explanation="The best transport simply multiplies each point by $c$, so the distance is "
                r"$(1 - c)^2\,\mathbb{E}\lVert x\rVert^2$.")

floor_of_fid = Number(
    id="floor_of_fid", title="The floor", level="easy",
    prompt="Two independent samples of $n$ points each come from one distribution, $N(0, I_d)$ with $d$ features. What "
           "Fréchet distance do you expect between them, to leading order?",
    hints=("Rate 12.5 speaks of one sample against the exact distribution.",
           r"Two samples err independently: both the means' and the covariances' parts double."),
    reference="d*(d + 5)/(2*n)", draw={"d": (8, 16, 32, 64), "n": (1000, 2000, 5000, 10000)},
    mistakes=(
        Mistake("one sample", "d*(d + 5)/(4*n)", "That is one sample against the exact distribution. Here both are "
                "samples."),
        Mistake("zero", "0", "Only two *equal* samples have the distance 0. Two draws from one distribution do not."),
        Mistake("means alone", "2*d/n", "You counted the means. The covariances differ by chance as well, and for many "
                "features that is most of it."),
        Mistake("covariances alone", "d*(d + 1)/(2*n)", "The means differ by chance, too."),
        Mistake("square root of n", "d*(d + 5)/(2*sqrt(n))", "Errors of size $1/\\sqrt n$ are *squared*."),
    ),
    explanation="With 2,048 features of this kind and 10,000 images it would be 210. Inception's features vary less, and mostly "
                "in a few directions; but the floor is there, and grows as features are added.")


def kernel_cases(seed: int) -> list[Case]:
    cases = []
    for i, (n, m, d) in enumerate(((6, 6, 3), (4, 9, 2), (2, 5, 4))):
        x, y = _normal(10 * seed + i, (n, d), (m, d))
        k = lambda a, b: (a @ b.T / a.shape[1] + 1) ** 3
        cases.append(Case(f"{n} data and {m} samples", tuple(v.requires_grad_() for v in (k(x, x), k(y, y), k(x, y)))))
    return cases


def unbiased_mmd(k_xx, k_yy, k_xy):
    n, m = len(k_xx), len(k_yy)
    x = (k_xx.sum() - k_xx.trace()) / (n * (n - 1))
    y = (k_yy.sum() - k_yy.trace()) / (m * (m - 1))
    return x + y - 2 * k_xy.mean()


def _off(k):
    return (k.sum() - k.trace()) / (len(k) * (len(k) - 1))


unbiased_mmd_exercise = Code(
    id="unbiased_mmd", title="The kernel distance, unbiased", level="easy",
    prompt=r"Write the unbiased estimate of MMD² from the three kernel matrices: $k(x_i, x_j)$, $k(y_i, y_j)$ and "
           r"$k(x_i, y_j)$.",
    doc="The estimate, a tensor with one number. k_xx: (n, n). k_yy: (m, m). k_xy: (n, m).",
    needs="import torch", reference=unbiased_mmd, inputs=kernel_cases,
    hints=("In which of the three matrices does a sample meet itself?",
           "`k.sum() - k.trace()` leaves the diagonal out. How many entries are left?",
           "$n(n - 1)$. In `k_xy` nothing is left out, and it counts twice."),
    mistakes=(
        Mistake("diagonal left in", lambda a, b, c: a.mean() + b.mean() - 2 * c.mean(), "You left the diagonals in: "
                "a sample is not independent of itself, and the estimate becomes too large."),
        Mistake("divided by n squared", lambda a, b, c: (a.sum() - a.trace()) / len(a) ** 2
                + (b.sum() - b.trace()) / len(b) ** 2 - 2 * c.mean(),
                "You left $n$ entries out and still divided by all $n^2$."),
        Mistake("cross term once", lambda a, b, c: _off(a) + _off(b) - c.mean(),
                "The cross term counts twice, as in $(u - v)^2$."),
        Mistake("cross term added", lambda a, b, c: _off(a) + _off(b) + 2 * c.mean(), "The cross term is subtracted: "
                "samples that are alike make the distance small."),
        Mistake("clamped", lambda a, b, c: (_off(a) + _off(b) - 2 * c.mean()).clamp(min=0), "You cut off negative "
                "values. They belong to an unbiased estimate of something near 0."),
        Mistake("pooled", lambda a, b, c: ((a.sum() - a.trace() + b.sum() - b.trace())
                                           / (len(a) * (len(a) - 1) + len(b) * (len(b) - 1))) * 2 - 2 * c.mean(),
                "You pooled the pairs of both kinds. Each kind has its own mean."),
        Mistake("off-diagonal of the cross term", lambda a, b, c: _off(a) + _off(b)
                - 2 * (c.sum() - c.diagonal().sum()) / (c.numel() - min(c.shape)),
                "In the cross term $x_i$ and $y_i$ are different samples: there is nothing to leave out."),
    ),
    explanation="It needs no more memory than a block of each matrix at a time: `metrics.kernel_distance` sums in blocks.")

diagonal_fee = Formula(
    id="diagonal_fee", title="What the diagonal adds", level="medium",
    prompt=r"Data and samples both come from $N(0, s^2 I)$ in $d$ dimensions, $n$ of each, and the kernel is $k(a, b) = "
           r"a^\top b$. Somebody leaves the diagonals in. What is the expected value of the estimate?",
    hints=("What is the true MMD² here?",
           r"Proposition 12.3: the excess is $\frac1n[\mathbb{E}k(x,x) - \mathbb{E}k(x,x')]$ for each of the two.",
           r"$\mathbb{E}\,x^\top x = ds^2$ and $\mathbb{E}\,x^\top x' = 0$."),
    symbols={"d": (2.0, 64.0), "s": (0.3, 2.0), "n": (10.0, 500.0)}, reference="2*d*s**2/n",
    mistakes=(
        Mistake("unbiased", "0", "That is the true MMD², and the mean of the estimate *without* the diagonals."),
        Mistake("one side", "d*s**2/n", "Both matrices have a diagonal."),
        Mistake("one dimension", "2*s**2/n", r"$x^\top x$ is a sum over $d$ coordinates."),
        Mistake("not divided", "2*d*s**2", "Only $n$ of the $n^2$ entries are on the diagonal."),
        Mistake("variance", "2*d*s/n", "You took $s$ for the variance."),
    ),
    explanation=r"It is $\mathbb{E}\lVert\bar x - \bar y\rVert^2$, the squared distance of two sample means.")

to_infinity = Formula(
    id="to_infinity", title="Extended to infinity", level="medium",
    prompt="With $n$ samples a model's Fréchet distance is $F$, with $m$ samples it is $G$. If the bias is exactly "
           "proportional to one over the number of samples, what would it be with infinitely many?",
    hints=(r"$F = L + \frac cn$ and $G = L + \frac cm$: two equations.", r"$nF - mG$ is free of $c$."),
    symbols={"F": (3.0, 9.0), "G": (1.0, 5.0), "n": (100.0, 1000.0), "m": (1500.0, 5000.0)},
    reference="(m*G - n*F)/(m - n)",
    mistakes=(
        Mistake("line in n", "(F*m - G*n)/(m - n)", "You drew a line against $n$ and extended it to $n = 0$. It is a "
                "line against $1/n$."),
        Mistake("the larger sample", "G", "That still has a bias of its own."),
        Mistake("mean", "(F + G)/2", "Both are too large, and so is their mean."),
        Mistake("weighted mean", "(m*G + n*F)/(m + n)", "A weighted mean lies between the two; the limit lies below both."),
        Mistake("slope", "(F - G)/(1/n - 1/m)", "That is the slope $c$. The question is where the line ends."),
        Mistake("root", "(sqrt(m)*G - sqrt(n)*F)/(sqrt(m) - sqrt(n))", r"The bias goes as $1/n$, not as $1/\sqrt n$: errors are "
                "squared."),
    ),
    explanation="Chong and Forsyth fit the line to several sizes, which averages over chance.")

two_of_them = Formula(
    id="two_of_them", title="An empty ball", level="medium",
    prompt="Data and samples come from one distribution, $n$ data and $m$ samples, and $k = 2$. What is the expected coverage?",
    hints=("When is the ball of a datum empty? Think of the other points in order of their distance to it.",
           "It is empty if the two nearest of the $n + m - 1$ other points are both data.",
           r"That has the probability $\frac{n-1}{n+m-1}\cdot\frac{n-2}{n+m-2}$."),
    symbols={"n": (5.0, 60.0), "m": (3.0, 60.0)},
    reference="1 - (n - 1)*(n - 2)/((n + m - 1)*(n + m - 2))",
    mistakes=(
        Mistake("empty ones", "(n - 1)*(n - 2)/((n + m - 1)*(n + m - 2))", "That is the share of *empty* balls."),
        Mistake("itself counted", "1 - n*(n - 1)/((n + m)*(n + m - 1))", "The datum itself is not among its own "
                "neighbours."),
        Mistake("k = 1", "1 - (n - 1)/(n + m - 1)", "That is $k = 1$."),
        Mistake("with replacement", "1 - ((n - 1)/(n + m - 1))**2", "Once the nearest is known to be a datum, one "
                "fewer of both is left."),
        Mistake("limit", "3/4", "That is the limit for many points and $n = m$."),
        Mistake("exchanged", "1 - (m - 1)*(m - 2)/((n + m - 1)*(n + m - 2))", "You exchanged data and samples."),
    ),
    explanation="So a perfect generator does not reach 1 with $k = 2$; and with more samples than data coverage grows by "
                "itself. Compare at equal numbers.")


def overlap_cases(seed: int) -> list[Case]:
    cases = []
    for i, (n, m, k) in enumerate(((12, 20, 3), (25, 8, 2), (9, 9, 1))):
        x, y = _normal(10 * seed + i, (n, 2), (m, 2))
        reach = torch.cdist(x, x).kthvalue(k + 1).values
        apart = torch.cdist(x, 0.8 * y + 0.4)
        apart[0, 0] = reach[0]  # one sample on a border
        cases.append(Case(f"{n} data, {m} samples, k = {k}, one sample on a ball's border", (apart, reach, k)))
    return cases


def density_coverage(distance, reach, k):
    inside = distance <= reach[:, None]
    density = inside.double().sum(0).mean() / k
    coverage = inside.any(1).double().mean()
    return density, coverage


def _dc(inside=lambda d, r: d <= r[:, None], density=lambda i, k: i.double().sum(0).mean() / k,
        coverage=lambda i: i.any(1).double().mean()):
    return lambda d, r, k: (density(inside(d, r), k), coverage(inside(d, r)))


density_coverage_exercise = Code(
    id="density_coverage", title="Density and coverage", level="medium",
    prompt="Write density and coverage. The distance of datum $i$ to sample $j$ is `distance[i, j]`, and `reach[i]` is the "
           "distance of datum $i$ to its $k$-th nearest other datum. A ball holds its border.",
    doc="Density and coverage, two tensors with one number each. distance: (n, m). reach: (n,). k: a whole number.",
    needs="import torch", reference=density_coverage, inputs=overlap_cases,
    hints=("First a table of who lies in whose ball: a comparison of `distance` with `reach`, one row a datum.",
           "Density: in how many balls does a sample lie, on average, over $k$? Coverage: how many rows hold anything?"),
    mistakes=(
        Mistake("precision for density", _dc(density=lambda i, k: i.any(0).double().mean()),
                "You counted the samples that lie in *some* ball. That is precision. Density counts the balls."),
        Mistake("k forgotten", _dc(density=lambda i, k: i.double().sum(0).mean()),
                "Divide by $k$: a perfect generator lies in $k$ balls on average."),
        Mistake("mean over the table", _dc(density=lambda i, k: i.double().mean() / k),
                "You divided by the number of data as well. The number of balls a sample lies in is a *sum* over data."),
        Mistake("per datum", _dc(density=lambda i, k: i.double().sum(1).mean() / k),
                "You counted samples per ball. Density counts balls per sample."),
        Mistake("covered samples", _dc(coverage=lambda i: i.any(0).double().mean()),
                "Your coverage is the share of *samples* in a ball, which is precision. Coverage is a share of data."),
        Mistake("border outside", _dc(inside=lambda d, r: d < r[:, None]), "A ball holds its border here."),
        Mistake("all", _dc(coverage=lambda i: i.all(1).double().mean()), "A datum is covered by one sample in its ball; "
                "you asked for all of them."),
    ),
    explanation="Neither has a gradient: these are counts. To *train* by them one would have to smooth the balls.")


def merge_cases(seed: int) -> list[Case]:
    cases = []
    for i, (n, m, d) in enumerate(((7, 12, 3), (1, 6, 2), (20, 3, 4))):
        x, y = _normal(10 * seed + i, (n, d), (m, d))
        y = 2 * y + 3
        parts = [(float(len(v)), v.mean(0), (v - v.mean(0)).T @ (v - v.mean(0))) for v in (x, y)]
        cases.append(Case(f"parts of {n} and {m} samples", (*parts[0], *parts[1])))
    return cases


def merged(n, mean_x, scatter_x, m, mean_y, scatter_y):
    step = mean_y - mean_x
    mean = mean_x + step * m / (n + m)
    scatter = scatter_x + scatter_y + torch.outer(step, step) * n * m / (n + m)
    return mean, scatter


def _joined(mean=lambda n, a, m, b: (n * a + m * b) / (n + m), weight=lambda n, m: n * m / (n + m),
            old=lambda s, n: s, outer=lambda v: torch.outer(v, v)):
    return lambda n, a, s, m, b, t: (mean(n, a, m, b), old(s, n) + old(t, m) + outer(b - a) * weight(n, m))


merged_exercise = Code(
    id="merged", title="Moments of two parts", level="hard",
    prompt="Features come in two parts. Of each you know the number of samples, their mean, and their scatter, "
           r"$\sum_i (x_i - \bar x)(x_i - \bar x)^\top$ about *its own* mean. Write mean and scatter of all of them together.",
    doc="Mean (d,) and scatter (d, d) of both parts. n, m: numbers of samples. mean_x, mean_y: (d,). scatter_x, scatter_y: "
        "(d, d).",
    needs="import torch", reference=merged, inputs=merge_cases,
    hints=("The means are weighted with the numbers of samples.",
           "The scatter about the common mean is the sum of the two, plus what the two means' distance from it adds.",
           r"With $\delta = \bar y - \bar x$, the common mean is $\frac{m}{n+m}\delta$ from $\bar x$ and $\frac{n}{n+m}\delta$ from "
           r"$\bar y$. What is $n(\frac{m}{n+m})^2 + m(\frac{n}{n+m})^2$?"),
    mistakes=(
        Mistake("plain mean", _joined(mean=lambda n, a, m, b: (a + b) / 2), "You averaged the two means. The larger part "
                "has more to say."),
        Mistake("weights exchanged", _joined(mean=lambda n, a, m, b: (m * a + n * b) / (n + m)),
                "You gave each mean the weight of the other part."),
        Mistake("scatters added", _joined(weight=lambda n, m: 0.0), "You added the scatters. But each is about its own mean: "
                "the distance of the two means is part of the spread."),
        Mistake("full step", _joined(weight=lambda n, m: 1.0), r"The distance of the means counts with $\frac{nm}{n+m}$: it is a sum "
                "over samples, too."),
        Mistake("divided twice", _joined(weight=lambda n, m: n * m / (n + m) ** 2), "You divided by the number of samples once "
                "more. The scatter is a sum; a covariance would be divided."),
        Mistake("squares only", _joined(outer=lambda v: torch.diag(v * v)), "You added only to the diagonal. The means differ in "
                "several coordinates at once, and that correlates them."),
        Mistake("covariances", _joined(old=lambda s, n: s / max(n - 1, 1)), "You divided the scatters by $n - 1$ first. Keep "
                "the sums, and divide at the end."),
    ),
    explanation="So FID needs $O(d^2)$ memory for any number of images, and parts can be computed on different machines. The "
                r"tempting $\sum xx^\top - n\bar x\bar x^\top$ is equal on paper, and loses its digits when the mean is large.")

inception_score = Formula(
    id="inception_score", title="The score of a half-sure judge", level="hard",
    prompt="There are $K$ classes, and the samples show all of them equally often. Of each sample the classifier gives the class it "
           "shows the probability $p$, and shares the rest equally among the others. What is the Inception score?",
    hints=(r"What is $p(y)$, the mean answer over all samples?",
           r"It is $\frac1K$ for each class, by symmetry. And $\operatorname{KL}(p(y\mid x)\Vert\tfrac1K) = \log K - H(p(y\mid x))$.",
           r"$-H = p\log p + (1 - p)\log\frac{1 - p}{K - 1}$. The score is the exponential."),
    symbols={"K": (3.0, 20.0), "p": (0.4, 0.97)}, reference="K*p**p*((1 - p)/(K - 1))**(1 - p)",
    mistakes=(
        Mistake("exponential forgotten", "log(K) + p*log(p) + (1 - p)*log((1 - p)/(K - 1))", "That is the mean KL. The score is its "
                "exponential."),
        Mistake("rest not shared", "K*p**p*(1 - p)**(1 - p)", "The rest, $1 - p$, is shared among $K - 1$ classes."),
        Mistake("sure judge", "K", "That is the score of a judge who is sure of every sample, the highest there is."),
        Mistake("share of K", "p*K", "That is right at $p = 1$ and at $p = 1/K$, but the score is an exponential of an entropy, "
                "not a straight line."),
        Mistake("entropy's sign", "K/(p**p*((1 - p)/(K - 1))**(1 - p))", "The sign of the entropy: the less sure the judge, "
                "the *lower* the score."),
        Mistake("marginal forgotten", "p**p*((1 - p)/(K - 1))**(1 - p)", "You left out the mean answer, $p(y) = 1/K$."),
    ),
    explanation="Nothing in it depends on the data. The judge was trained with smoothed labels in this book, so real digits get "
                "about 6 of 10, and ten well-chosen pictures more.")

hidden_part = Formula(
    id="hidden_part", title="A share learned by heart", level="hard",
    prompt="A generator gives an exact training image with probability $c$, otherwise a fresh one. $N$ of its samples are tested: "
           "counted are those nearer to the training data than all but the nearest share $t$ of very many held-out data. How many "
           "are counted, on average?",
    hints=("A copy is at distance 0 and always counted. What about fresh samples?",
           "A share $t$ of the fresh samples is as near, by the choice of the border."),
    symbols={"N": (200.0, 1000.0), "c": (0.05, 0.6), "t": (0.02, 0.3)}, reference="N*(c + (1 - c)*t)",
    mistakes=(
        Mistake("copies only", "N*c", "A share $t$ of the *fresh* samples lies below the border as well, without being copies."),
        Mistake("fresh only", "N*t", "That is what a generator without copies gets."),
        Mistake("counted twice", "N*(c + t)", "Only the samples that are *not* copies are fresh: a share of $1 - c$."),
        Mistake("both at once", "N*c*t", "Copies *or* near fresh ones are counted; you multiplied the two chances."),
        Mistake("share", "c + (1 - c)*t", "That is the share. Multiply by the number of samples."),
        Mistake("copies left out", "N*(1 - c)*t", "Those are the fresh ones among them. The copies are counted, too."),
    ),
    explanation="The excess over $Nt$ is what the test looks at, and with $t = 0.01$ a few copies in a hundred stand out. They do so long before "
                "they move a mean or a rank sum.")

which_is_better = Choice(
    id="which_is_better", title="5.9 or 6.4?", level="easy", concept=True,
    prompt="One paper reports FID 6.4 from 50,000 samples. Yours has 5.9 from 10,000 samples against the same statistics of the "
           "data, same weights, same resizing. Which can you say?",
    hints=("In which direction does a smaller sample move the Fréchet distance?",),
    options=(
        Option("mine is better: the smaller sample can only have made mine look worse", True, "On average a smaller sample is at a "
               "larger distance. With 50,000 yours would be lower still, apart from chance."),
        Option("the other is better, because 10,000 samples flatter a model", False, "It is the other way round: chance differences of "
               "mean and covariance are *added*."),
        Option("nothing at all, because the numbers of samples differ", False, "The two numbers are not equal terms, but the direction of the bias is "
               "known, and here it favours the other paper."),
        Option("they are equal within the usual error", False, "That is a question of spread, which nobody has stated; the bias has a known sign."),
    ),
    explanation="Had yours been the *larger* number, nothing could have been said without measuring again at equal $n$.")

below_zero = Choice(
    id="below_zero", title="Below zero", level="easy", concept=True,
    prompt="The kernel distance of your samples is $-0.002$. What may that mean? (All that are right.)",
    hints=("What is the mean of an unbiased estimate of 0?",),
    options=(
        Option("an unbiased estimate may be negative by chance, when the true value is near 0", True, "Its mean is right; so near 0 about half of all values lie "
               "below."),
        Option("the code has a bug: a squared distance cannot be negative", False, "MMD² cannot. Its unbiased estimate can, and with the diagonals in it would not be, but "
               "would be too large."),
        Option("the samples are better than the data", False, "Nothing is nearer to a distribution than itself."),
        Option("the samples may contain the very data they are compared with", True, "Then the cross term has a diagonal of its own, which is subtracted. In the "
               "chapter copies got negative values in every split."),
    ),
    explanation="Report it as it is, with its spread. Whoever cuts it off at 0 makes the estimate biased again.")

perfect_marks = Choice(
    id="perfect_marks", title="Too good", level="medium", concept=True,
    prompt="Against the training set a model has a Fréchet distance below that of fresh real images, precision 1 and coverage 1. What do you check first?",
    hints=("Which of the chapter's failures got such marks?",),
    options=(
        Option("whether its samples lie nearer to the training images than held-out images do", True, "Copies beat real data in every number that compares with the "
               "training set."),
        Option("the Inception score", False, "Copies get the score of the data."),
        Option("whether a new classifier can tell samples from training images", False, "It cannot: in the chapter its accuracy even fell below one half."),
        Option("the same numbers with more samples", False, "With more samples the copies only get better marks."),
    ),
    explanation="Distance to held-out data instead of training data helps, but hardly: a copy of one real image is a real image to it.")

far_datum = Choice(
    id="far_datum", title="A lonely datum", level="medium", concept=True,
    prompt="One wrongly labelled photograph lies far from all other data. Which numbers can it change from nearly 0 to nearly 1? (All that are right.)",
    hints=("How wide is its ball, and what counts a ball by its width?",),
    options=(
        Option("precision", True, "Its ball reaches back to the other data. A bad sample anywhere in it counts as precise."),
        Option("density", False, "Its ball adds at most one ball to a sample's count: $1/k$."),
        Option("coverage", False, "It is one datum among many, covered or not."),
        Option("the kernel distance", False, "It is one term among $n$, and can shift it by the size of its features; but that is no share, and "
               "does not jump from 0 to 1."),
    ),
    explanation="For recall it is one lonely *sample* that does this. Density and coverage use the data's balls only.")

two_moments = Choice(
    id="two_moments", title="Distance nought", level="medium", concept=True,
    prompt="A model's Fréchet distance, with infinitely many samples, is exactly 0. What follows?",
    hints=("Which properties of the two clouds enter the formula?",),
    options=(
        Option("features of samples and data have equal means and covariances", True, "These are all that enters, and the distance of two Gaussians is 0 only if "
               "they are equal."),
        Option("samples and data have the same distribution of features", False, "So it would be if both were Gaussian. A coin and a bell curve are at distance 0."),
        Option("samples and data have the same distribution of images", False, "What the features do not see is not compared either."),
        Option("the model has learned the data by heart", False, "A perfect model has distance 0 as well."),
    ),
    explanation="As a lower bound of $W_2^2$ the Fréchet distance can prove that two clouds differ, never that they agree.")

referee = Choice(
    id="referee", title="The referee", level="medium", concept=True,
    prompt="In a classifier two-sample test the accuracy is measured on the samples the classifier was *trained* on. Samples and data come from one "
           "distribution. What happens?",
    hints=("What does a large classifier do with points it may learn by heart?",),
    options=(
        Option("the accuracy is above one half, and the test finds a difference where there is none", True, "It recites labels. On points it has not seen they are "
               "coin flips."),
        Option("the accuracy is one half: there is nothing to learn", False, "There is nothing to *understand*, but 200 labels can be learned by heart."),
        Option("the accuracy is below one half", False, "That happens on the other half if samples are copies of data."),
        Option("nothing, if both samples are equally large", False, "Equal sizes make one half the rate of guessing; they do not keep it from reciting."),
    ),
    explanation="It is the mistake of judging a GAN by the accuracy of its own discriminator. A referee must be trained on other points than it judges.")

CHAPTER = Chapter(
    "12", "Measuring a GAN",
    [on_the_line, faded, floor_of_fid, unbiased_mmd_exercise, diagonal_fee, to_infinity, two_of_them,
     density_coverage_exercise, merged_exercise, inception_score, hidden_part, which_is_better, below_zero,
     perfect_marks, far_datum, two_moments, referee],
    gate={"first steps": (2, ("on_the_line", "faded", "floor_of_fid")),
          "derivation": (3, ("diagonal_fee", "to_infinity", "two_of_them", "inception_score", "hidden_part")),
          "code": (2, ("unbiased_mmd", "density_coverage", "merged")),
          "concepts": (4, ("which_is_better", "below_zero", "perfect_marks", "far_datum", "two_moments", "referee"))})
