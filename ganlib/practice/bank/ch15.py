"""Chapter 15, pix2pix."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Choice, Option
from ganlib.practice.code import Case, Code
from ganlib.practice.exercise import Mistake
from ganlib.practice.formula import Formula, Number


def _stream(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _normal(stream: torch.Generator, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=stream, dtype=torch.float64)


squares_answer = Number(
    id="squares_answer", title="The grey of the squares", level="easy",
    prompt="Of the shirts with a certain outline the share $A$ is black ($-1$), the share $B$ is white ($1$), and all "
           "others have the grey $G$. A translator is trained on the squared error per pixel. Which grey does it give "
           "for this outline?",
    hints=(r"$\mathbb{E}(y - a)^2$ is least at $a = \mathbb{E}\,y$.", "Three answers, each times its share."),
    reference="B - A + (1 - A - B)*G", draw={"A": (0.3, 0.37, 0.41), "B": (0.16, 0.21, 0.26), "G": (0.33, 0.43, 0.5)},
    mistakes=(
        Mistake("median", "G", "That is the median: fewer than half are darker and fewer than half are lighter. It is "
                "what the *absolute* error wants."),
        Mistake("grey forgotten", "B - A", "The grey shirts count too."),
        Mistake("not weighted", "G/3", "You took the mean of the three greys as if they were equally frequent."),
        Mistake("middle", "0", "The middle between black and white does not ask how many there are of each."),
        Mistake("share of grey", "B - A + G", "You added the grey as if all shirts had it. Only a share of them has."),
    ),
    explanation="A grey that no shirt has. The absolute error gives one that some shirts have, and the judge the most "
                "frequent one.")

stripe_factor = Formula(
    id="stripe_factor", title="The price of a stripe", level="easy",
    prompt="A strip of $K$ pixels is black, but for one white pixel, in each place with probability $1/K$; the input does "
           "not say where. One translator paints no stripe. Another paints one, always in the same place. By which "
           "factor is the mean absolute error of the second larger?",
    hints=("How many pixels of the empty strip are wrong? Always the same number.",
           "A stripe in the wrong place is wrong at two pixels. How often is it in the wrong place?"),
    symbols={"K": (3.0, 30.0)}, reference="2*(K - 1)/K",
    mistakes=(
        Mistake("never right", "2", "Nearly: but now and then the stripe is in the right place, and then nothing is "
                "wrong."),
        Mistake("one pixel", "(K - 1)/K", "A stripe in the wrong place is wrong twice: where it is, and where it should "
                "be."),
        Mistake("turned round", "K/(2*(K - 1))", "That is the error of the empty strip, measured by that of the stripe."),
        Mistake("squared", "4*(K - 1)/K", "You counted the size of the error twice, as a square would. It is the same "
                "in both strips and cancels."),
        Mistake("odds", "K - 1", "Those are the odds against the right place. Ask for the mean number of wrong pixels."),
    ),
    explanation="More than 1 for every $K > 2$. Whoever tries to be right is punished, whoever leaves it out is not.")

judge_of_one = Formula(
    id="judge_of_one", title="A judge of one answer", level="easy",
    prompt="A translator has no noise: for the drawing $x$ it always gives the picture $g$. In the data $g$ is the answer "
           r"to $x$ with probability $a$. What does the best judge of pairs say to $(x, g)$, as a probability of *real*?",
    hints=(r"$D^* = \dfrac{p(y \mid x)}{p(y \mid x) + q(y \mid x)}$ at $y = g$.", r"What is $q(g \mid x)$?"),
    symbols={"a": (0.02, 0.98)}, reference="a/(1 + a)",
    mistakes=(
        Mistake("its share", "a", "That is how often the data have this answer. The judge also counts how often the "
                "*translator* gives it."),
        Mistake("turned round", "1/(1 + a)", "That is the probability of *generated*."),
        Mistake("odds", "a/(1 - a)", "You set the answer against the other answers. The judge sets real pairs against "
                "generated ones."),
        Mistake("fair", "1/2", "That would need as many generated as real pairs $(x, g)$."),
        Mistake("halved", "a/2", "You divided by 2 in place of the sum of both densities."),
    ),
    explanation=r"At most $\tfrac12$. To every other answer the judge says *real* for sure.")

patch_side = Formula(
    id="patch_side", title="How much one logit sees", level="easy",
    prompt="A judge has $H$ convolutions with kernel 4 and stride 2, one after the other, then two with kernel 4 and "
           "stride 1. How many pixels does one logit see along one side?",
    hints=(r"$r = 1 + \sum_i (k_i - 1)\,s_1 \cdots s_{i-1}$.",
           r"The first $H$ give $3(1 + 2 + 4 + \dots + 2^{H-1}) = 3(2^H - 1)$, the last two $3 \cdot 2^H$ each."),
    symbols={"H": (1.0, 6.0)}, reference="9*2**H - 2",
    mistakes=(
        Mistake("strides ignored", "1 + 3*(H + 2)", "You counted as if no convolution had a stride. After a stride of 2 "
                "a step of the kernel is two pixels wide."),
        Mistake("one convolution less", "6*2**H - 2", "You counted one convolution of stride 1 only. There are two: the "
                "last gives the logit."),
        Mistake("whole kernels", "12*2**H - 3", "A kernel of 4 adds 3 steps, not 4: the first pixel is there already."),
        Mistake("one forgotten", "9*2**H - 3", "You left out the 1 at the beginning: a logit without any convolution "
                "sees one pixel."),
        Mistake("only halvings", "2**H", "That is how far apart the patches of two neighbouring logits are, not how "
                "large they are."),
    ),
    explanation="$H = 3$ is the judge of the paper, 70 pixels, and $H = 5$ its largest, 286.")

through_the_middle = Formula(
    id="through_the_middle", title="Through the middle", level="easy",
    prompt="An encoder without skips halves the height and the width of pictures of $N \\times N$ pixels $h$ times and "
           "ends with $c$ channels (fewer numbers than the picture has); a decoder makes a picture of that. What is the "
           "largest rank that the derivative of the result by the input can have?",
    hints=("All that the decoder knows are the numbers at the bottleneck. How many are there?",
           "$c$ channels of $N/2^h$ by $N/2^h$."),
    symbols={"N": (128.0, 512.0), "h": (5.0, 8.0), "c": (8.0, 512.0)}, reference="c*N**2/4**h",
    mistakes=(
        Mistake("one side", "c*N/2**h", "Each channel has a height *and* a width."),
        Mistake("channels forgotten", "N**2/4**h", "That is one channel. There are $c$ of them."),
        Mistake("halved once", "c*N**2/2**h", "Each halving leaves a quarter of the pixels."),
        Mistake("all pixels", "N**2", "That is the limit without any bottleneck, or with skips."),
        Mistake("channels only", "c", "That would be a bottleneck of a single pixel."),
    ),
    explanation="Two drawings that differ in any other direction have the same translation, to first order. Skips lift "
                "this limit.")

one_answer_value = Formula(
    id="one_answer_value", title="The value of one answer", level="medium",
    prompt="For a drawing a translator always gives the answer $g$, which has the probability $a$ in the data. The data "
           r"have finitely many answers. What is the value $\mathbb{E}\log D + \mathbb{E}\log(1 - D)$ of the game "
           "against the best judge, for this drawing, in nats?",
    hints=(r"At $g$ the best judge says $\dfrac{a}{1 + a}$; at every other answer it says 1.",
           r"Real: $a \log\dfrac{a}{1 + a}$, and the other answers give $\log 1$. Generated: always $g$."),
    symbols={"a": (0.05, 0.95)}, reference="a*log(a) - (1 + a)*log(1 + a)",
    mistakes=(
        Mistake("divergence", "log(2) + (a*log(a) - (1 + a)*log(1 + a))/2", "That is the Jensen–Shannon divergence. The "
                r"value is twice that, minus $\log 4$."),
        Mistake("real only", "a*log(a/(1 + a))", "You left out what the judge gets for the generated pairs."),
        Mistake("generated only", "-log(1 + a)", "You left out what the judge gets for the real pairs."),
        Mistake("not weighted", "log(a) - 2*log(1 + a)", "Real pairs with the answer $g$ come only with probability "
                "$a$."),
        Mistake("log 4 not taken off", "log(4) + a*log(a) - (1 + a)*log(1 + a)", r"That is twice the divergence. The "
                r"value has $-\log 4$ beside it."),
        Mistake("sign", "(1 + a)*log(1 + a) - a*log(a)", "The sign is turned: it is the judge's *loss*."),
    ),
    explanation=r"It falls from 0 at $a = 0$ to $-\log 4$ at $a = 1$. The most likely answer is the best.")

mix_judge = Formula(
    id="mix_judge", title="The judge at the best mix", level="medium",
    prompt=r"A translator with noise answers $b$ with probability $q_b$, the data with $p_b$. It minimises "
           r"$2\,\mathrm{JSD}(p, q) + L\sum_b q_b\ell_b$, where $\ell_b$ is the error of the answer $b$ and $L$ its weight. At "
           r"the minimum $\log\dfrac{2q_b}{p_b + q_b} + L\,\ell_b = L\,c$ for every $b$. What does the best judge say to "
           "$b$ then, as a probability of *real*? (Write `l` for $\\ell_b$.)",
    hints=(r"The best judge says $\dfrac{p_b}{p_b + q_b} = 1 - \dfrac{q_b}{p_b + q_b}$.",
           "Solve the condition for the last fraction."),
    symbols={"L": (0.5, 3.0), "l": (0.6, 1.5), "c": (0.2, 0.5)}, reference="1 - exp(-L*(l - c))/2",
    mistakes=(
        Mistake("probability of generated", "exp(-L*(l - c))/2", "That is the probability of *generated*."),
        Mistake("two forgotten", "1 - exp(-L*(l - c))", r"The condition has $2q_b$ over the sum, the judge has $q_b$."),
        Mistake("sign of the exponent", "1 - exp(L*(l - c))/2", "The sign in the exponent is turned: an answer with a "
                "*large* error is given less often."),
        Mistake("sigmoid", "1/(1 + exp(-L*(l - c)))", "You took the left side for a logit. It is a logarithm of the "
                "generated share, not of odds."),
        Mistake("weight forgotten", "1 - exp(-(l - c))/2", "The weight $L$ is missing in the exponent."),
    ),
    explanation=r"Where $\ell_b = c$ it says $\tfrac12$. Answers with a larger error it takes for real: the translator "
                "gives them too seldom.")


def receptive(layers):
    field, step = 1, 1
    for kernel, stride in layers:
        field = field + (kernel - 1) * step
        step = step * stride
    return field


def layer_cases(seed: int) -> list[Case]:
    stream = _stream(seed)

    def some(n: int) -> list[tuple[int, int]]:
        kernels, strides = torch.randint(2, 8, (n,), generator=stream), torch.randint(2, 4, (n,), generator=stream)
        return list(zip(kernels.tolist(), strides.tolist(), strict=True))

    return [Case("the judge of 16 pixels", ([(4, 2), (4, 1), (4, 1)],)), Case("four random layers", (some(4),)),
            Case("six random layers", (some(6),)), Case("a judge of single pixels", ([(1, 1), (1, 1)],)),
            Case("one layer", (some(1),))]


def _receptive(first=1, less=1, before=True, ignored=False, turned=False):
    def field(layers):
        field, step = first, 1
        for kernel, stride in layers[::-1] if turned else layers:
            if not before:
                step *= stride
            field += (kernel - less) * (1 if ignored else step)
            if before:
                step *= stride
        return field

    return field


receptive_exercise = Code(
    id="receptive", title="The receptive field", level="medium",
    prompt="Write the receptive field of a chain of convolutions: how many pixels of the input, along one side, one "
           "output can see.",
    doc="The side in pixels, a whole number. layers: a list of (kernel, stride), from the input to the output.",
    needs="", reference=receptive, inputs=layer_cases,
    hints=("A step of the first kernel is one pixel wide. A step of the second is as wide as the first stride.",
           "Keep two numbers: the field so far, which begins with 1, and the width of a step."),
    mistakes=(
        Mistake("strides ignored", _receptive(ignored=True), "You ignored the strides. After a stride of 2 a step of the "
                "next kernel is two pixels wide."),
        Mistake("own stride", _receptive(before=False), "You multiplied by a layer's stride before you used its kernel. "
                "Its own stride moves its *outputs* apart and matters to the layers after it."),
        Mistake("whole kernels", _receptive(less=0), "A kernel of $k$ adds $k - 1$ steps, not $k$: one pixel is there "
                "already."),
        Mistake("starts with 0", _receptive(first=0), "One pixel is missing: without any layer an output sees one."),
        Mistake("turned round", _receptive(turned=True), "You went from the output to the input with a recipe that goes "
                "the other way. On the way back, $r$ outputs need $(r - 1)s + k$ inputs."),
        Mistake("product", lambda layers: math.prod(kernel for kernel, _ in layers), "You multiplied the kernels, as if "
                "they did not overlap."),
    ),
    explanation="For a norm over the whole picture this is no limit: it lets all pixels in, if only by their mean.")


class _Net(nn.Module):
    """Two layers, tanh between them."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(inputs, 6), nn.Tanh(), nn.Linear(6, outputs)).double()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


def pair_cases(seed: int) -> list[Case]:
    stream = _stream(seed)
    cases = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for what, n, l1 in (("weight 30", 9, 30.0), ("weight 0.5", 7, 0.5)):
            cases.append(Case(what, (_Net(2, 2), _Net(4, 3), _normal(stream, n, 2), _normal(stream, n, 2), l1)))
    return cases


def paired_losses(generator, discriminator, x, y, l1):
    fake = generator(x)
    real_logits = discriminator(torch.cat([x, y], 1))
    fake_logits = discriminator(torch.cat([x, fake.detach()], 1))
    d_loss = F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
    judged = discriminator(torch.cat([x, fake], 1))
    g_loss = F.softplus(-judged).mean() + l1 * (y - fake).abs().mean()
    return d_loss, g_loss


def _paired(cut=torch.detach, felt=lambda f: f, error=lambda d: d.abs().mean(), beside=lambda x, y: x, saturating=False,
            swapped=False, weighs="error", answer=lambda y: y):
    def both(generator, discriminator, x, y, l1):
        fake = generator(x)
        pair = (lambda f: torch.cat([f, x], 1)) if swapped else lambda f: torch.cat([beside(x, y), f], 1)
        real_logits = discriminator(torch.cat([x, y], 1))
        d_loss = F.softplus(-real_logits).mean() + F.softplus(discriminator(pair(cut(fake)))).mean()
        judged = discriminator(pair(felt(fake)))
        own = -F.softplus(judged).mean() if saturating else F.softplus(-judged).mean()
        away = error(answer(y) - fake) if answer is not None else error(x - fake)
        return d_loss, (own + l1 * away if weighs == "error" else l1 * own + away)

    return both


paired_losses_exercise = Code(
    id="paired_losses", title="Both losses of pix2pix", level="hard",
    prompt="Write the losses of both players for a batch of pairs. The judge sees $x$ and an answer side by side, joined "
           "along the second axis, $x$ first, and gives several logits a pair; all of them count alike. The judge's loss "
           r"is $\mathbb{E}\operatorname{softplus}(-l(x, y)) + \mathbb{E}\operatorname{softplus}(l(x, G(x)))$, and does not "
           "train the generator. The generator's is non-saturating, plus `l1` times the mean absolute error.",
    doc="Loss of the discriminator and loss of the generator, each a tensor with one number. generator, discriminator: "
        "networks. x, y: (n, 2). l1: a number.",
    needs="import torch\nimport torch.nn.functional as F", reference=paired_losses, inputs=pair_cases,
    hints=("Three calls of the judge: real pairs, generated pairs that are detached, generated pairs that are not.",
           "`F.softplus(-logits).mean()` is the non-saturating loss; `.mean()` goes over all logits."),
    mistakes=(
        Mistake("not detached", _paired(cut=lambda f: f), "The values are right, but the first loss trains the generator "
                "as well: detach its answers there."),
        Mistake("judge not felt", _paired(felt=torch.detach), "The values are right, but the generator does not feel the "
                "judge: its answers are detached in its own loss."),
        Mistake("target beside answer", _paired(beside=lambda x, y: y), "You showed the judge the generated answer beside "
                "the *right answer*. Then it need only ask whether the two are equal. The generated pair is $(x, G(x))$."),
        Mistake("order", _paired(swapped=True), "The generated pairs have their two parts in the other order than the "
                "real ones. The judge sees at once which is which."),
        Mistake("squared", _paired(error=lambda d: d.square().mean()), "You took the squared error. It wants the mean of "
                "the answers; asked for is the absolute one."),
        Mistake("summed", _paired(error=lambda d: d.abs().sum(1).mean()), "You added up the absolute errors of a picture. "
                "It is a mean over all numbers, so that `l1` does not depend on the size of pictures."),
        Mistake("weight on the judge", _paired(weighs="judge"), "The weight stands at the judge's term. It belongs to the "
                "absolute error."),
        Mistake("minimax", _paired(saturating=True), "The generator's own part should be the non-saturating loss."),
        Mistake("error to the input", _paired(answer=None), "You measured how far the answer is from the *input* $x$. It "
                "should be near to $y$."),
    ),
    explanation="`PairedTranslation` does the same. For a judge of patches nothing changes: its map of logits is averaged.")

worth_of_telling = Formula(
    id="worth_of_telling", title="What it is worth to be told", level="hard",
    prompt="The input is 0 or 1, each with probability $\\tfrac12$, and the only right answer is the input itself. A "
           "translator answers rightly with probability $r$, and otherwise gives the other value. By how much is the "
           r"value $\mathbb{E}\log D + \mathbb{E}\log(1 - D)$ larger for the best judge of pairs than for the best judge "
           "that is shown the answer alone?",
    hints=(r"Without $x$: what is the distribution of the answers, real and generated? The value is then "
           r"$-\log 4$.",
           r"With $x$: real pairs are always right, generated ones with probability $r$. At a right pair "
           r"$D^* = \dfrac{1}{1 + r}$, at a wrong one 0.",
           r"Generated and wrong gives $\log(1 - 0) = 0$."),
    symbols={"r": (0.05, 0.95)}, reference="log(4) + r*log(r) - (1 + r)*log(1 + r)",
    mistakes=(
        Mistake("value of pairs", "r*log(r) - (1 + r)*log(1 + r)", r"That is the value for the judge of pairs. The other "
                r"judge has $-\log 4$, and you were asked for the difference."),
        Mistake("divergence", "log(2) + (r*log(r) - (1 + r)*log(1 + r))/2", "That is a Jensen–Shannon divergence. The "
                "value has twice that in it."),
        Mistake("wrong answers", "log(4) + (1 - r)*log(1 - r) - (2 - r)*log(2 - r)", "You took $r$ for the probability "
                "of a *wrong* answer."),
        Mistake("worth nothing", "0", "Then the judge of pairs would learn nothing from $x$. It sees every wrong answer."),
        Mistake("generated not weighted", "log(4) + log(r) - 2*log(1 + r)", "Generated pairs are right only with "
                "probability $r$; weigh them."),
    ),
    explanation=r"At $r = 1$ it is 0, at $r = 0$ it is $\log 4$. To the judge of answers alone even the translator that is "
                "always wrong is perfect: it gives as many zeros and ones as there should be.")

which_grey = Choice(
    id="which_grey", title="Three losses, three greys", level="easy", concept=True,
    prompt="The answers to a drawing are black (45 %), light grey (15 %) and white (40 %). A translator can give one grey. "
           "What is true? (All that are right.)",
    hints=("Which answer is the median? Which is the most frequent?",),
    options=(
        Option("the absolute error wants light grey", True, "Less than half are darker, less than half lighter: it is the "
               "median."),
        Option("the squared error wants one of the three", False, "It wants the mean, and nothing says that the mean is "
               "an answer."),
        Option("the best judge of pairs wants black", True, "Of single answers it is the most likely that is least "
               "different from the data."),
        Option("all three want the same in the end", False, "They are three different functions of the same "
               "distribution."),
    ),
    explanation="The rarest answer of the three is the best for the absolute error.")

lower_error = Choice(
    id="lower_error", title="The lower the better?", level="easy", concept=True,
    prompt="After a judge is added, the mean absolute error on held-out pairs rises a little. What follows?",
    hints=("Which translator has the *least* absolute error, and what do its pictures look like?",),
    options=(
        Option("the judge has made the translations worse", False, "In this measure, yes. But the measure is best for a "
               "picture of medians, which may be no picture."),
        Option("nothing much: what the input leaves open costs more if it is painted than if it is left out", True,
               "A stripe in the wrong place costs twice what no stripe costs."),
        Option("the translator has overfitted", False, "It could be, but it would have to be shown: compare with the error "
               "on training pairs."),
        Option("the weight of the absolute error should be raised until it falls again", False, "That leads back to the "
               "smooth pictures."),
    ),
    explanation="Measure what you want: detail, a distance between distributions, what a classifier sees. And the error "
                "beside it.")

not_told = Choice(
    id="not_told", title="A judge who is not told", level="medium", concept=True,
    prompt="The discriminator is shown the translation alone, without the drawing, and there is no error per pixel. What "
           "may happen? (All that are right.)",
    hints=("Which distributions can such a judge compare?",),
    options=(
        Option("the translator gives every drawing some picture that belongs to another one", True, "If all together they "
               "have the distribution of the garments, this judge has nothing to object to."),
        Option("the judge finds fault with a shoe for the drawing of a shirt", False, "It has not seen the drawing."),
        Option("the translations look like garments", True, "That is what this judge looks at."),
        Option("the game has a larger value than with a judge of pairs", False, "A judge of pairs can do all that this one "
               "can, by not looking at $x$."),
    ),
    explanation="In practice a network with skips often follows the drawing all the same, because that is easy. Nothing "
                "in the loss asks for it.")

patches_cut = Choice(
    id="patches_cut", title="Where are the patches?", level="medium", concept=True,
    prompt="A patch discriminator gives a map of logits for a picture. What is true? (All that are right.)",
    hints=("It consists of convolutions only. What does a norm over the picture do?",),
    options=(
        Option("the data have to be cut into patches first", False, "It is one convolutional network over the whole "
               "picture, and its patches overlap."),
        Option("it works for pictures of other sizes too", True, "Convolutions do not ask for the size. The map gets "
               "larger or smaller."),
        Option("with instance norm a logit depends on its receptive field only", False, "The norm subtracts a mean over "
               "the whole picture."),
        Option("without a norm, an arrangement that is wrong, but right in every patch, is not seen", True, "It can only "
               "judge what fits into a patch."),
    ),
    explanation="A small patch is a judge of texture. What is larger than a patch is up to the error per pixel.")

noise_ignored = Choice(
    id="noise_ignored", title="Where has the noise gone?", level="medium", concept=True,
    prompt=r"A translator $G(x, z)$ is trained with a judge of pairs and a large weight on the absolute error. After training "
           "its output hardly changes with $z$. Why?",
    hints=(r"What does $\mathbb{E}\,\vert y - G(x, z)\vert$ ask of the answers for different $z$?",),
    options=(
        Option("the judge of pairs forbids different answers to one drawing", False, "On the contrary: it wants all "
               "answers, as often as they come."),
        Option("the absolute error is least if every z gives a median, and it outweighs the judge", True, "The share of "
               "the other answers falls off exponentially with the weight."),
        Option("the network is too small to use z", False, "It need only add $z$ somewhere. A larger one ignores it as "
               "easily."),
        Option("z has to be uniform", False, "The distribution of $z$ does not matter to either loss."),
    ),
    explanation="For several answers to one drawing something has to pay for the difference; the error per pixel takes "
                "it away.")

which_mode = Choice(
    id="which_mode", title="Worse in eval mode", level="hard", concept=True,
    prompt="A pix2pix with batch norm and dropout, trained with batches of one picture, gives good pictures in training "
           "mode and bad ones after `G.eval()`. What changes? (All that are right.)",
    hints=("What does batch norm do with one picture in training mode, and what in eval mode?",),
    options=(
        Option("batch norm uses averages of the training instead of the picture's own mean and deviation", True,
               "In training it had normalised each picture by itself, as instance norm does; the averages are something "
               "else."),
        Option("the weights are rounded", False, "`eval()` changes no weight."),
        Option("dropout is off, so the translator gets no noise", True, "In the paper it stays on when the translator is "
               "used: it is its only noise."),
        Option("the judge no longer helps", False, "The judge is not asked when the translator is used, in neither "
               "mode."),
    ),
    explanation="A network should be used as it was trained. With instance norm the first difference does not arise.")

CHAPTER = Chapter(
    "15", "pix2pix",
    [squares_answer, stripe_factor, judge_of_one, patch_side, through_the_middle, one_answer_value, mix_judge,
     receptive_exercise, paired_losses_exercise, worth_of_telling, which_grey, lower_error, not_told, patches_cut,
     noise_ignored, which_mode],
    gate={"first steps": (4, ("squares_answer", "stripe_factor", "judge_of_one", "patch_side", "through_the_middle")),
          "derivation": (2, ("one_answer_value", "mix_judge", "worth_of_telling")),
          "code": (1, ("receptive", "paired_losses")),
          "concepts": (4, ("which_grey", "lower_error", "not_told", "patches_cut", "noise_ignored", "which_mode"))})
