"""The failure clinic: GANs that fail, each in its own way. Every change offered has been tried over five seeds."""

from dataclasses import replace

from ganlib.practice.chapters import Chapter
from ganlib.practice.choice import Option
from ganlib.practice.clinic import ROWS, Change, Patient, Recipe, circle

RING = Recipe(circle(4, 1.0), 0.15, generator=(2, 16, 16, 2), discriminator=(2, 16, 16, 1), steps=1200)
FAR = Recipe(((6.0, 0.0),), 0.5, activation="leaky_relu", rates=(5e-4, 5e-3), d_steps=5, steps=900, batch=64)
ANY = float("inf")
NONE_GOOD = {"good": (0.0, 0.1)}
ALL_FOUND = {"good": (0.6, 1.0), "modes": (4.0, 4.0)}

too_strong = Patient(
    id="too_strong", title="Shaken about", level="medium",
    recipe=Recipe(circle(4, 1.0), 0.02, rates=(3e-3, 0.1), d_steps=5, steps=900, batch=64),
    prompt="Four thin clouds. The samples never settle: they jump to and fro and hit nothing.",
    hints=("Look at the accuracy of $D$ and at the size of its logits: how sure is it?",
           "Look at the gradient that arrives at $G$ from one row to the next, and then at the two rates.",
           "Which of the two players learns so fast that the other cannot follow?"),
    failures=(
        Option(r"The discriminator is far too weak for such thin clouds.", False,
               "A weak discriminator has a loss near 1.386 and an accuracy near one half. This one tells almost all "
               "samples apart, and is very sure."),
        Option(r"The generator has collapsed onto one cloud.", False,
               "Then the samples would lie close together at a place where data are. These are scattered, and hardly one "
               "is good."),
        Option(r"The discriminator is far too strong: between two steps of $G$ it rebuilds its whole landscape.", True,
               r"It makes five large steps for each step of $G$. It is right nearly always and sure of it, its push on $G$ is large, and "
               "it points elsewhere each time."),
        Option(r"The generator is too small to make four clouds.", False,
               "Two hidden layers of 32 make four clouds easily. Too small a generator would make them blurred; it would not jump."),
    ),
    offers=(
        Change(r"Train twice as long.", False, "Time does not help, because nothing settles: $D$ stays ahead.",
               {"steps": 1800}),
        Change(r"Lower the rate of $D$ from 0.1 to 0.001.", True,
               r"Now $D$ changes slowly enough for $G$ to follow what it says.", {"rates": (3e-3, 1e-3)}),
        Change(r"Give $G$ hidden layers of 64.", False, "A larger generator follows the same useless directions.",
               {"generator": (2, 64, 64, 2)}),
        Change(r"Give $D$ eight steps per step of $G$ instead of five.", False,
               "That makes the stronger player stronger still.", {"d_steps": 8}),
    ),
    sick={"good": (0.0, 0.2)}, well={"good": (0.5, 1.0), "modes": (4.0, 4.0)}, shown=("good", "modes"),
    columns=("d_loss", "g_loss", "accuracy", "real", "fake", "gradient", "distance", "spread", "good"),
    alt="Four tiny clouds of data on a circle, and generated points strung out along a line many times longer than the circle.",
    explanation=r"A perfect discriminator is no good teacher (chapter 4), not even with the non-saturating loss. Next time look at the "
                r"logits first: with means of $\pm 6$ and more, $D$ is far ahead. A large gradient and samples that leap say the rest.")

too_weak = Patient(
    id="too_weak", title="Perfectly calm", level="easy",
    recipe=Recipe(circle(4, 1.5, (0.6, 0.4)), 0.2, generator=(2, 16, 16, 2), discriminator=(2, 1), betas=(0.0, 0.99),
                  steps=1200),
    prompt=r"The loss of $D$ is 1.386, that of $G$ is 0.693, and all logits are near 0. It looks like the equilibrium of chapter "
           "1. The picture disagrees.",
    hints=(r"$D \approx \tfrac12$ everywhere has two possible reasons (chapter 2). Which of them is excluded by the picture?",
           "Which property of the data do the samples have? Which functions can tell apart nothing but that?",
           r"Count the layers of $D$."),
    failures=(
        Option(r"Nothing: these are the losses of the equilibrium, and the picture is a bad draw.", False,
               r"Losses of $\log 4$ and $\log 2$ say that *this* discriminator cannot tell. Only the optimal one would prove "
               "anything; and hardly one sample is good."),
        Option(r"The gradient of $G$ has vanished, because $D$ is too sure.", False,
               r"$D$ is not sure of anything: its mean logits are near 0. Saturation needs a confident discriminator."),
        Option(r"The generator has collapsed onto one of the four clouds.", False,
               "The samples lie together, but where no data are. A capable discriminator would notice that at once."),
        Option(r"The discriminator is too weak: all that it can compare is the two means.", True,
               "Without a hidden layer the logit is a linear function, and two distributions with the same mean are the same "
               "to it."),
    ),
    offers=(
        Change(r"Train three times as long.", False, "Both players are content already; more time changes nothing.",
               {"steps": 3600}),
        Change(r"Give $D$ five steps per step of $G$.", False,
               "The best linear function, found faster, is still linear.", {"d_steps": 5}),
        Change(r"Give $D$ two hidden layers of 16.", True,
               "Now it can see where the data are, and no longer only where their centre is.",
               {"discriminator": (2, 16, 16, 1)}),
        Change(r"Give $G$ hidden layers of 32.", False, "It is not $G$ that lacks skill. Nobody asks it for more than a mean.",
               {"generator": (2, 32, 32, 2)}),
    ),
    sick={"good": (0.0, 0.1), "spread": (0.0, 0.4)}, well=ALL_FOUND, shown=("good", "spread"),
    columns=("d_loss", "g_loss", "accuracy", "real", "fake", "gradient", "distance", "good"),
    alt="Four round clouds of data, and all generated points in a small heap in the empty middle between them.",
    explanation=r"$G$ learns only what $D$ can see. Next time you meet 1.386 and 0.693, look at the samples before you "
                r"celebrate, or train a stronger $D$ on the finished $G$ (chapter 2).")

labels = Patient(
    id="labels", title="The wrong way", level="easy", recipe=replace(RING, loss="labels_d"),
    prompt=r"The loss of $D$ falls nicely, and the samples march away from the data, farther with every step.",
    hints=("Compare the loss of $D$ with its accuracy. Can both be true?",
           "What would the accuracy of a coin be? What does it mean to be far below that?",
           r"Which sign has the mean logit on real samples, and which should it have?"),
    failures=(
        Option(r"The rate of $G$ is so high that it overshoots.", False,
               "An overshoot swings back. These samples go one way, steadily."),
        Option(r"The labels are exchanged in the loss of $D$, but not in that of $G$.", True,
               r"$D$ is trained to call generated samples real, and succeeds: its accuracy is far below one half. $G$ climbs "
               r"towards *real* and thereby goes away from the data."),
        Option(r"The discriminator is too weak to tell the two apart.", False,
               r"Then it would be right half of the time. One that is *always* wrong tells the two apart perfectly."),
        Option(r"The discriminator is too strong.", False,
               "A strong one is nearly always right; look at the accuracy."),
    ),
    offers=(
        Change(r"Lower both rates by a factor of ten.", False, "The same way, only slower.", {"rates": (1e-4, 3e-4)}),
        Change(r"Give $D$ five steps per step of $G$.", False, "It then learns the wrong labels all the better.",
               {"d_steps": 5}),
        Change(r"Put the labels in the loss of $D$ right.", True, r"$\log D$ belongs to the real samples.",
               {"loss": "non_saturating"}),
        Change(r"Exchange the labels in the loss of $G$ too.", True,
               r"An odd cure, but one: now both call real samples 0, and they only have to agree. (The next reader of your "
               "code will not thank you.)", {"loss": "labels_both"}),
    ),
    sick=NONE_GOOD, well=ALL_FOUND, shown=("good", "distance"),
    columns=("d_loss", "g_loss", "accuracy", "real", "fake", "gradient", "distance"),
    alt="Four clouds of data around the origin, and the generated points in one narrow heap far outside, at the picture's corner.",
    explanation="Accuracy and mean logits expose what a loss hides: a loss is small if the *labels given* are matched, "
                "right or wrong. Log both, always.")

twice = Patient(
    id="twice", title="A loss with a floor", level="hard",
    recipe=replace(FAR, centers=((4.5, 4.0),), sigmoid=True),
    prompt=r"Non-saturating loss, on logits, and yet $G$ hardly moves. The loss of $D$ comes down to 1.006 and not one "
           "thousandth further.",
    hints=("What do the columns called *mean logit* look like? Have you ever seen logits like these?",
           r"The loss is $\operatorname{softplus}(-l_{\text{real}}) + \operatorname{softplus}(l_{\text{generated}})$. For which "
           "two numbers is it 1.006?",
           r"$\operatorname{softplus}(-1) + \operatorname{softplus}(0) = 0.313 + 0.693$. What squeezes a logit into $[0, 1]$?"),
    failures=(
        Option(r"The discriminator is too weak: it never gets below 1.006.", False,
               "Its two mean outputs are 1 and 0, and do not overlap: it tells the two apart perfectly. It is the loss that "
               "does not hear it."),
        Option(r"$D$ ends in a sigmoid, and the loss applies another.", True,
               r"The loss takes $D$'s probabilities for logits. They end at 1 and 0, so its floor is "
               r"$\log(1 + e^{-1}) + \log 2 = 1.006$; and where the first sigmoid is flat, $G$ gets no gradient."),
        Option(r"The labels are exchanged in the loss of $D$.", False,
               "The output on real samples is the larger one, as it should be."),
        Option(r"The learning rate of $G$ is too small.", False,
               r"Look at the gradient of $G$: it is not the step that is too short, there is nothing to follow."),
    ),
    offers=(
        Change(r"Multiply the rate of $G$ by ten.", False, "Ten times nothing is nothing.", {"rates": (5e-3, 5e-3)}),
        Change(r"Train twice as long.", False, r"$D$ is sure, the first sigmoid is flat, and it stays so.", {"steps": 1800}),
        Change(r"Give $D$ hidden layers of 64.", False, "It tells the two apart already.",
               {"discriminator": (2, 64, 64, 1)}),
        Change(r"Let $D$ end in a linear layer.", True,
               "Now the loss gets logits, and the non-saturating loss is what its name says.", {"sigmoid": False}),
    ),
    sick=NONE_GOOD, well={"good": (0.8, 1.0)}, shown=("good", "distance"),
    columns=("d_loss", "g_loss", "accuracy", "real", "fake", "gradient", "distance"),
    alt="One round cloud of data at the upper right, and the generated points in a heap near the origin, far from it.",
    explanation=r"Logits that never leave $[0, 1]$, a threshold at 0 that calls everything real (accuracy one half), a floor "
                "of 1.006: three signs of one bug. In this book a network ends in a logit, and only a loss or a report "
                "applies the sigmoid.")

detached = Patient(
    id="detached", title="Nobody moves", level="easy",
    recipe=replace(RING, centers=circle(4, 1.5), std=0.2, detached=True),
    prompt=r"No error, no warning. $D$ gets better and better; the samples lie where they lay before the first step.",
    hints=(r"Compare the first with the last row: what has changed in $G$?",
           "A gradient may be small, or it may be zero. How many digits does this one have?",
           "Through which tensor should the gradient of $G$'s loss flow back?"),
    failures=(
        Option(r"The generated samples are detached in $G$'s own loss.", True,
               r"The loss of $G$ is computed from samples that are cut off from $G$'s weights. `backward()` finds the weights of "
               r"$D$ and does not complain; the weights of $G$ get nothing."),
        Option(r"The gradient of $G$ has vanished, because $D$ is sure of itself.", False,
               "A vanishing gradient is small, not zero. This one is exactly 0, and so it is in the first row, where $D$ knows "
               "nothing yet."),
        Option(r"The learning rate of $G$ is far too small.", False,
               "Then the gradient would be there, and only the steps too short. Look at the gradient."),
        Option(r"The generator has collapsed.", False,
               "Collapse is something a generator learns. This one has learnt nothing: compare the first row with the "
               "last."),
    ),
    offers=(
        Change(r"Multiply the rate of $G$ by thirty.", False, "A rate multiplies a gradient, and this one is zero.",
               {"rates": (3e-2, 3e-3)}),
        Change(r"Start from another seed.", False, r"Another start, and there it stays.", {"first_seed": 100}),
        Change(r"Detach the samples in the loss of $D$ only.", True,
               r"In $D$'s step the samples are constants; in $G$'s step they are the whole point.", {"detached": False}),
        Change(r"Train three times as long.", False, "Three times zero steps.", {"steps": 3600}),
    ),
    sick=NONE_GOOD, well=ALL_FOUND, shown=("good",),
    columns=("d_loss", "g_loss", "accuracy", "gradient", "distance", "spread"),
    alt="Four clouds of data on a circle, and a small untrained smear of generated points near the origin.",
    explanation=r"A gradient of exactly 0 is never the mathematics; it is a cut in the graph. Print the gradient norm of both "
                "players in the first step of every new loop.")

batch_norm = Patient(
    id="batch_norm", title="Blind in one respect", level="hard",
    recipe=Recipe(circle(4, 1.0, (2.0, 1.0)), 0.15, norm_d=True, generator=(2, 16, 16, 2), discriminator=(2, 16, 16, 1),
                  steps=1500),
    prompt=r"A discriminator with batch norm after each of its hidden linear layers. Both losses look healthy. The samples are "
           "in the wrong place, and do not move towards the right one.",
    notes="```python\nreal_logits = D(real)                         # in D's step\nfake_logits = D(G(z).detach())\n"
          "loss_D = bce(real_logits, 1) + bce(fake_logits, 0)\n```",
    hints=(r"What could $D$ learn most easily, if it only looked at where the samples are?",
           r"Which statistics does batch norm take away from a batch, and what is in each batch here?",
           r"Shift all generated samples by the same vector. What happens to their logits?"),
    failures=(
        Option(r"The learning rates are too small for the distance.", False,
               r"With these rates $G$ can cover that distance several times over in so many steps. Nothing pulls it there."),
        Option(r"$D$ is blind to place and size, because real and generated samples are normalised apart.", True,
               "Each batch is shifted to mean 0 and scaled to variance 1 behind the first layer. Where a batch lies and how "
               "large it is never reaches the second."),
        Option(r"The gradient of $G$ has vanished, because $D$ is too sure.", False,
               r"$D$ is sure of nothing: its mean logits are near 0."),
        Option(r"$D$ has too few layers to see the difference.", False,
               "A plain linear classifier would see it: the two kinds lie at different places."),
    ),
    offers=(
        Change(r"Use batch norm in $G$ too.", False, r"$D$ sees no more for it.", {"norm_g": True}),
        Change(r"Give $D$ three steps per step of $G$.", False, r"What $D$ cannot see it will not see more often.",
               {"d_steps": 3}),
        Change(r"Remove batch norm from $D$.", True, "Now a sample's logit depends on that sample, and on where it is.",
               {"norm_d": False}),
        Change(r"Let real and generated samples pass $D$ in one common batch.", False,
               "Better, for the place is found; not well, for each logit still depends on the other samples of its batch. The samples "
               "stay scattered.", {"joint": True}),
    ),
    sick={"good": (0.0, 0.1), "distance": (1.0, ANY)}, well=ALL_FOUND, shown=("good", "distance"),
    columns=("d_loss", "g_loss", "accuracy", "real", "fake", "gradient", "distance", "spread"),
    alt="Four clouds of data on a circle at the upper right, and generated points in one loose heap at the lower left.",
    explanation="Batch norm makes a sample's logit a matter of its neighbours. In a discriminator use layer norm, spectral "
                "norm or none; gradient penalties need that too, for they assume one slope per sample.")

collapse = Patient(
    id="collapse", title="One of four", level="medium",
    recipe=Recipe(circle(4, 1.0, (1.5, 0.75)), 0.1, generator=(2, 16, 16, 2), discriminator=(2, 16, 16, 1),
                  activation="leaky_relu", d_steps=3, rates=(1e-3, 3e-2), steps=960),
    prompt="Every sample is excellent. Look at the picture all the same.",
    hints=("The share of good samples says how many samples are near *some* data. What does it not say?",
           r"Which column tells variety from quality?",
           r"$D$ is fast and may be as steep as it likes, so $G$ is pushed along as a whole. What limits the steepness of $D$?"),
    failures=(
        Option(r"The generator is too small to make four clouds.", False,
               "The same generator makes all four once the game lets it; two layers of 16 suffice."),
        Option(r"The generator has learnt some data points by heart.", False,
               "It never sees the data, and the data here are drawn afresh for each batch. There is nothing to learn by heart."),
        Option(r"The discriminator is too weak.", False,
               r"A weak one would not notice that most samples lie in one place. This one is quick and steep, and drives all "
               "samples the same way."),
        Option(r"Mode collapse: all samples sit on one cloud of data.", True,
               r"Quality without variety. $D$ is fast and steep; $G$ moves as one heap to wherever $D$ is high."),
    ),
    offers=(
        Change(r"Train twice as long.", False, "It has settled there.", {"steps": 1920}),
        Change(r"Take latents of dimension 8.", False, r"$z$ had variety enough before; $G$ does not use it.",
               {"generator": (8, 16, 16, 2)}),
        Change(r"Add an R1 penalty on the slope of $D$ at the data, with weight 0.03.", True,
               r"With a gentle slope at the data the other clouds attract samples too, and the heap spreads to all four. (The share "
               "of good samples falls, for some now lie between the clouds. It was never the whole truth.)",
               {"penalty": "r1", "weight": 0.03}),
        Change(r"Start from another seed.", False, "Another seed, and again only one cloud.", {"first_seed": 100}),
    ),
    sick={"modes": (1.0, 1.0), "spread": (0.0, 0.5)}, well={"modes": (4.0, 4.0), "spread": (0.8, 1.2), "good": (0.35, 1.0)},
    shown=("modes", "spread", "good"),
    columns=("d_loss", "g_loss", "accuracy", "real", "fake", "gradient", "good", "spread"),
    alt="Four clouds of data on a circle; the generated points all lie on one of the four, and the other three have none.",
    explanation="Measure variety as well as quality: clouds found, spread. No average of marks for single samples can see a "
                r"collapse. $D$ sees it: its accuracy is $\tfrac78$, for three real samples in four come from where no generated one is.")

rate = Patient(
    id="rate", title="Blown up", level="easy", recipe=replace(RING, rates=(0.3, 0.9)),
    prompt="The networks, the loss and the data are those of a run that works. Someone has touched the settings.",
    hints=("How far away are the samples, in units of the data?",
           "For a while the loss of $D$ is above 1.386. Who would do better, without looking at the samples at all?",
           "Adam's step has about the length of the learning rate, for every weight, at every step."),
    failures=(
        Option(r"The generator has collapsed.", False, "Collapsed samples lie on data. These are nowhere near."),
        Option(r"The labels are exchanged in the loss of $D$.", False,
               "Exchanged labels give an accuracy far below one half. This one is at one half or above."),
        Option(r"Both learning rates are far too high.", True,
               r"With Adam each weight moves by about the rate, whatever the gradient: steps of 0.3 and 0.9 throw about weights that "
               "began below 1. The samples fly off, and then all tanh units stand at their ends and nothing moves any more."),
        Option(r"The discriminator is too weak.", False, "Then the losses would be calm, near 1.386 and 0.693."),
    ),
    offers=(
        Change(r"Lower both rates by a factor of 300.", True, "Steps of a thousandth, and the run is the old one again.",
               {"rates": (1e-3, 3e-3)}),
        Change(r"Halve both rates.", False, "The right direction, and two orders of magnitude short.",
               {"rates": (0.15, 0.45)}),
        Change(r"Take batches of 512 instead of 128.", False, "Less noise, but the steps are as long as before.",
               {"batch": 512}),
        Change(r"Lower the rate of $D$ only, by a factor of 300.", False,
               r"$D$ is calm now, and $G$ leaps over everything that it says.", {"rates": (0.3, 3e-3)}),
    ),
    sick=NONE_GOOD, well=ALL_FOUND, shown=("good", "distance"),
    columns=("d_loss", "g_loss", "accuracy", "real", "fake", "distance", "spread"),
    alt="The four clouds of data shrink to a spot, because the generated points lie many times farther out than they.",
    explanation="Samples many times farther out than the data, a loss of $D$ above 1.386 (worse than a coin), numbers that freeze "
                "afterwards: lower the rates before you think of anything deeper. With Adam, start at 0.001 or below.")

saturating = Patient(
    id="saturating", title="A teacher who is never in doubt", level="medium", recipe=replace(FAR, loss="minimax"),
    prompt=r"The data are at a distance of 6 from where $G$ starts. $D$ learns at once, $G$ not at all.",
    hints=(r"What becomes of the gradient of $G$, from row to row?",
           r"$G$ minimises $\log(1 - D(G(z)))$. What is its slope by the logit, where $D$ is near 0?",
           r"The slope is $-\sigma(l)$. Put the last mean logit on generated samples into it."),
    failures=(
        Option(r"The generated samples are detached in $G$'s own loss.", False,
               "Then the gradient would be exactly 0 from the start. It is there in the first row, and dies away."),
        Option(r"The minimax loss has saturated: $D$ is sure, so $G$'s gradient is gone.", True,
               r"The minimax pull has the weight $\sigma(l)$, and the logit of the generated samples is far below 0 "
               "(chapter 4)."),
        Option(r"The generator has collapsed.", False, "A collapsed generator has gone to some data. This one has gone nowhere."),
        Option(r"The discriminator is too weak.", False, "It is right every time, and sure of it."),
    ),
    offers=(
        Change(r"Train twice as long.", False, r"$D$ only gets surer, and the pull weaker.", {"steps": 1800}),
        Change(r"Let $G$ maximise $\log D(G(z))$ instead: the non-saturating loss.", True,
               r"Its weight is $1 - \sigma(l)$, close to 1 just where $D$ is sure.", {"loss": "non_saturating"}),
        Change(r"Give $G$ hidden layers of 64.", False, "A larger generator multiplies the same vanished pull.",
               {"generator": (2, 64, 64, 2)}),
        Change(r"Give both players the rate 0.0005, and make it one step each.", True,
               r"With a teacher who stays in doubt for a while, the minimax loss does its work.",
               {"rates": (5e-4, 5e-4), "d_steps": 1}),
    ),
    sick={"good": (0.0, 0.1), "distance": (4.0, ANY)}, well={"good": (0.7, 1.0)}, shown=("good", "distance"),
    columns=("d_loss", "g_loss", "accuracy", "real", "fake", "gradient", "distance"),
    alt="One round cloud of data at the right, and a heap of generated points far to its left, still where they began.",
    explanation=r"Saturation is a small weight in front of a good direction. Signs: accuracy 1, logits far below 0, and a "
                "gradient that falls by orders of magnitude.")

range_ = Patient(
    id="range", title="Against the wall", level="easy",
    recipe=Recipe(circle(4, 2.0), 0.3, generator=(2, 16, 16, 2), discriminator=(2, 16, 16, 1), output="tanh", steps=1200),
    prompt=r"Losses and gradients are alive, and yet not a single sample is good.",
    hints=("Look at the outline of the samples in the picture.", r"What is the largest number that $G$ can put out?",
           "Compare that with the coordinates of the data."),
    failures=(
        Option(r"The generator has collapsed.", False, "Collapsed samples lie on some of the data. These lie on none, along straight lines."),
        Option(r"The discriminator is too weak.", False, "It tells the two apart, nearly always."),
        Option(r"The generator is too small.", False, "It fills two edges of a square, and no number of units takes it beyond them."),
        Option(r"The data lie outside the range of $G$'s last activation.", True,
               r"tanh gives numbers between $-1$ and $1$; the clouds are at a distance of 2."),
    ),
    offers=(
        Change(r"Divide the data by 3 before training (and multiply the samples by 3).", True,
               "Now the whole of the data lies inside the reach of tanh.", {"scale": 1 / 3}),
        Change(r"Give $G$ hidden layers of 64.", False, "It pushes against the same wall with more force.",
               {"generator": (2, 64, 64, 2)}),
        Change(r"Train twice as long.", False, "The wall stays.", {"steps": 2400}),
        Change(r"Let $G$ end in a linear layer.", True, "No wall, no problem. (For images one rather scales the data.)",
               {"output": "linear"}),
    ),
    sick=NONE_GOOD, well=ALL_FOUND, shown=("good",),
    columns=("d_loss", "g_loss", "accuracy", "real", "fake", "gradient", "spread"),
    alt="Four clouds of data far out on a circle; the generated points press against the edges of a square inside it.",
    explanation=r"Print minimum and maximum of a batch of data and of a batch of samples. Pictures in $[0, 1]$ or $[0, 255]$ in "
                "front of a tanh are the usual form of this failure.")

mode = Patient(
    id="mode", title="Fine in the log, identical in use", level="medium",
    recipe=Recipe(circle(4, 1.0), 0.15, norm_g=True, generator=(2, 16, 16, 2), discriminator=(2, 32, 32, 1), steps=1200,
                  sample_rows=1),
    prompt=r"During training, all went well: look at the log. Then the trained generator was put to use, one sample at a time. "
           r"Here is what came out. ($G$ has a hand-written batch norm that takes the statistics of the batch in training mode, "
           "and running averages in evaluation mode.)",
    notes=f"```python\nG = load(\"generator.safetensors\")\nwith torch.no_grad():\n    samples = torch.cat([G(torch.randn(1, 2)) "
          f"for _ in range({ROWS})])\n```",
    hints=("The last row of the log and the picture belong to the same weights. What is different?",
           "A batch of one: what is its mean, and what is left if you subtract it?",
           "Which two modes does a module with batch norm have, and which one is the default?"),
    failures=(
        Option(r"Mode collapse in the last steps.", False,
               r"The last row of the log was computed after the last step, with spread and with four clouds. The weights are "
               "good."),
        Option(r"The generator is in training mode when it is used.", True,
               r"In a batch of one every unit equals the batch's mean, so batch norm turns all of them into 0, whatever $z$ was."),
        Option(r"The latents are drawn with the same seed each time.", False,
               "The code draws new latents in each round, and seeds nothing."),
        Option(r"The weights were not loaded.", False,
               "An untrained generator gives bad samples, but different ones for different latents."),
    ),
    offers=(
        Change(r"Train twice as long.", False, "The weights were good already.", {"steps": 2400}),
        Change(r"Take latents of dimension 8.", False, r"The normalisation wipes out any $z$, long or short.",
               {"generator": (8, 16, 16, 2)}),
        Change(r"Call `G.eval()` before sampling.", True,
               "Now the running averages of training are used, and each sample depends on its own latent alone.",
               {"sample_mode": "eval"}),
        Change(rf"Draw all {ROWS:,} samples in one batch.", True,
               "It works, for the batch's statistics are then close to those of training; but each sample still depends on its "
               "neighbours. Evaluation mode is the clean cure.", {"sample_rows": ROWS}),
    ),
    sick={"good": (0.0, 0.1), "spread": (0.0, 0.05)}, well=ALL_FOUND, shown=("good", "spread"),
    columns=("d_loss", "g_loss", "accuracy", "gradient", "good", "modes", "spread"),
    alt="Four clouds of data on a circle; all the generated points fall on a single spot, so that only one cross is seen.",
    explanation=r"`model.eval()` is part of using a model, and torch's own `BatchNorm1d` refuses a batch of one in training "
                "mode; convolutional batch norm does not refuse, it just gives you strange pictures.")

norm = Patient(
    id="norm", title="The flat critic", level="hard",
    recipe=Recipe(((2.0, 1.0),), 0.4, generator=(2, 16, 16, 2), discriminator=(2, 16, 16, 1), loss="wasserstein",
                  penalty="per_batch", weight=10.0, rates=(1e-4, 3e-3), steps=480),
    prompt=r"A Wasserstein critic is to measure how far a slow generator is from the data. Its estimate of $W_1$, the mean score "
           r"on real samples minus that on generated ones, is about a tenth of the truth (an optimal plan between 400 samples "
           "of each).",
    notes="```python\nscores = f(between)                          # (128, 1)\n"
          "slope, = torch.autograd.grad(scores.sum(), between, create_graph=True)   # (128, 2)\n"
          "penalty = 10 * (slope.norm() - 1) ** 2\n```",
    hints=(r"The penalty wants a slope of norm 1. Which slope has the critic, by the log?",
           r"$1/\sqrt{128} \approx 0.088$. Where could $\sqrt{128}$ come from?",
           "How many norms should there be in a batch of 128, and how many are there?"),
    failures=(
        Option(r"The weight of the penalty is too large.", False,
               "A right penalty wants a slope of 1, with any weight. A larger weight holds it there more firmly."),
        Option(r"The critic has not been trained for long enough.", False, "Its slope stands still in the last rows."),
        Option(r"The penalty takes one norm over the whole batch instead of one per sample.", True,
               r"The 128 slopes together have norm 1, so each of them has about $1/\sqrt{128}$, and the estimate of $W_1$ is too "
               "small by that factor."),
        Option(r"The critic is too small.", False,
               "A linear function of slope 1 would do for one cloud; this one is more than that."),
    ),
    offers=(
        Change(r"Train the critic five steps per step of $G$.", False, "The critic is already where this penalty wants it.",
               {"d_steps": 5}),
        Change(r"Lower the weight from 10 to 0.1.", False,
               "The slope grows, because a steeper critic now costs less; it is still far from 1.",
               {"weight": 0.1}),
        Change(r"Take batches of 512 instead of 128.", False, "Then the norm is shared among 512: the critic is twice as flat.",
               {"batch": 512}),
        Change(r"Take one norm per sample: `slope.norm(dim=1)`, and the mean over the batch.", True,
               "One norm, one slope, one sample.", {"penalty": "per_sample"}),
    ),
    sick={"estimate": (0.0, 0.3)}, well={"estimate": (0.8, 1.3)}, shown=("estimate",),
    columns=("d_loss", "g_loss", "real", "fake", "slope", "distance"),
    alt="One cloud of data to the upper right of a heap of generated points, well apart from each other.",
    explanation=r"Test a penalty on a linear critic, whose slope you know. (The right estimate is a little above 1, because the "
                "penalty of weight 10 only discourages slopes above 1.) Adam hides this bug from the samples, which may look fine; "
                "the critic's numbers do not.")

PATIENTS = (too_weak, labels, detached, rate, range_, too_strong, collapse, saturating, mode, twice, batch_norm, norm)

CHAPTER = Chapter("clinic", "The failure clinic", list(PATIENTS),
                  gate={"patients": (9, tuple(p.id for p in PATIENTS))})
