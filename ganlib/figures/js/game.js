import { Adam, Network } from "./network.js";
import { Random, demand, demandOne, isCount } from "./random.js";

// log(1 + eˣ) and its derivative, exact for every x.
export const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
export const sigmoid = (x) => 1 / (1 + Math.exp(-x));

// What each player minimises for a pair of a real logit r and a generated one f: a loss is the mean, as in
// ganlib.losses. real, fake: derivatives of the discriminator's by r and f; slope: of the generator's by f.
const classify = {
  discriminator: (r, f) => softplus(-r) + softplus(f),
  real: (r) => -sigmoid(-r),
  fake: (r, f) => sigmoid(f),
};
export const LOSSES = {
  minimax: { ...classify, generator: (f) => -softplus(f), slope: (f) => -sigmoid(f) },
  non_saturating: { ...classify, generator: (f) => softplus(-f), slope: (f) => -sigmoid(-f) },
  least_squares: {
    discriminator: (r, f) => ((r - 1) ** 2 + f ** 2) / 2,
    real: (r) => r - 1,
    fake: (r, f) => f,
    generator: (f) => (f - 1) ** 2 / 2,
    slope: (f) => f - 1,
  },
  hinge: {
    discriminator: (r, f) => Math.max(0, 1 - r) + Math.max(0, 1 + f),
    real: (r) => (r < 1 ? -1 : 0),
    fake: (r, f) => (f > -1 ? 1 : 0),
    generator: (f) => -f,
    slope: () => -1,
  },
  wasserstein: {
    discriminator: (r, f) => f - r, real: () => -1, fake: () => 1, generator: (f) => -f, slope: () => -1,
  },
  relativistic: {
    discriminator: (r, f) => softplus(f - r),
    real: (r, f) => -sigmoid(f - r),
    fake: (r, f) => sigmoid(f - r),
    generator: (f, r) => softplus(r - f),
    slope: (f, r) => -sigmoid(r - f),
    relativistic: true,
  },
};

// Penalties, as in ganlib.penalties: the weight times the mean of a function of q = ‖∇ₓD(x)‖², here with its
// derivative by q. eps: x is the real sample (1) or the generated one (0); else somewhere between.
export const PENALTIES = {
  none: null,
  r1: { value: (q) => q / 2, slope: () => 0.5, eps: 1 },
  r2: { value: (q) => q / 2, slope: () => 0.5, eps: 0 },
  gradient_penalty: {
    value: (q) => (Math.sqrt(Math.max(q, 1e-24)) - 1) ** 2,
    slope: (q) => (q < 1e-24 ? 0 : 1 - 1 / Math.sqrt(q)),
  },
};

// The game of Goodfellow et al. 2014 in the plane, trained as by ganlib.training.train: k updates of the
// discriminator, one of the generator, and so on, each on fresh samples.
//
// data.sample(out, n, random) fills out with n points.
// All random numbers come from one seed. Their order: the generator's parameters, the discriminator's; in an
// update of the discriminator real samples, latents, ε if the penalty wants it; in an update of the generator
// latents, real samples if the loss is relativistic.
//
// dLoss (without the penalty), penaltyValue and gLoss are the values before the last update of each player; t
// counts the generator's updates, phase the discriminator's since then; diverged: a number was not finite.
export class Game {
  constructor({ latent = 2, data, hidden = [32, 32], hiddenD = hidden, activation = "leaky_relu",
    loss = "non_saturating", penalty = "none", weight = 1, k = 1, lrG = 0.001, lrD = 0.001, beta1 = 0.5,
    beta2 = 0.99, batch = 128, seed = 0, precision = "single" }) {
    for (const [name, value] of Object.entries({ latent, k, batch })) {
      demand(isCount(value), `Game: ${name}`, "a whole number of at least 1", value);
    }
    for (const [name, value] of Object.entries({ hidden, hiddenD })) {
      demand(Array.isArray(value) && value.every((width) => isCount(width)), `Game: ${name}`,
        "a list of whole numbers of at least 1", value);
    }
    for (const [name, value] of Object.entries({ weight, lrG, lrD, beta1, beta2 })) {
      const beta = name.startsWith("beta");
      demand(Number.isFinite(value) && value >= 0 && !(beta && value >= 1), `Game: ${name}`,
        beta ? "a number from 0 to below 1" : "a number of at least 0", value);
    }
    demandOne(LOSSES, "Game: loss", loss);
    demandOne(PENALTIES, "Game: penalty", penalty);
    demand(typeof data?.sample === "function", "Game: data", "an object with a function sample", data);
    this.random = new Random(seed);
    const { random } = this;
    const network = (rows, ...sizes) => new Network({ sizes, activation, rows, random, precision });
    this.generator = network(batch, latent, ...hidden, 2);
    this.discriminator = network(2 * batch, 2, ...hiddenD, 1);
    this.adamG = new Adam(this.generator, { lr: lrG, beta1, beta2 });
    this.adamD = new Adam(this.discriminator, { lr: lrD, beta1, beta2 });
    Object.assign(this, { data, loss: LOSSES[loss], penalty: PENALTIES[penalty], weight, k, batch,
      t: 0, phase: 0, diverged: false, dLoss: NaN, penaltyValue: 0, gLoss: NaN });
    this.kind = this.generator.parameters.constructor;
    this.z = new this.kind(latent * batch);
    // Real samples and, after them, generated ones; where the penalty looks, and then its constant vectors.
    this.x = new this.kind(4 * batch);
    this.real = this.x.subarray(0, 2 * batch);
    this.fake = this.x.subarray(2 * batch);
    this.between = new this.kind(2 * batch);
    // Derivatives by the logits; real logits to compare with.
    this.g = new this.kind(2 * batch);
    this.ones = new this.kind(batch).fill(1);
    this.realLogits = new this.kind(batch);
  }

  // Whose turn it is.
  get next() {
    return this.phase < this.k ? "D" : "G";
  }

  // The next update, of one player: who it was, or false if the game has diverged.
  half() {
    const player = this.next;
    return (player === "D" ? this.discriminatorStep() : this.generatorStep()) && player;
  }

  // All updates up to the generator's next; false if the game has diverged.
  step() {
    let player;
    do player = this.half(); while (player === "D");
    return player === "G";
  }

  // One update of the discriminator, on given real samples, latents and ε or on fresh ones; false if the game
  // has diverged.
  discriminatorStep(real, z, eps) {
    if (this.diverged) return false;
    const { batch, loss, g } = this;
    this.#drawReal(real);
    this.#generateFake(z);
    const logits = this.discriminator.forward(this.x, 2 * batch);
    let sum = 0;
    for (let i = 0; i < batch; i++) {
      const r = logits[i];
      const f = logits[batch + i];
      sum += loss.discriminator(r, f);
      g[i] = loss.real(r, f) / batch;
      g[batch + i] = loss.fake(r, f) / batch;
    }
    this.dLoss = sum / batch;
    this.discriminator.gradient.fill(0);
    this.discriminator.backward(g);
    if (this.penalty) this.#penalise(eps);
    this.phase++;
    return this.#update(this.adamD, this.dLoss + this.penaltyValue);
  }

  // One update of the generator, likewise.
  generatorStep(z, real) {
    if (this.diverged) return false;
    const { batch, generator } = this;
    this.#generateFake(z);
    if (this.loss.relativistic) this.#drawReal(real);
    const [loss, slopes] = this.#judge(this.fake, this.real, batch, batch);
    this.gLoss = loss;
    generator.gradient.fill(0);
    generator.backward(slopes);
    this.phase = 0;
    this.t++;
    return this.#update(this.adamG, loss);
  }

  // n samples from n latents.
  generate(z, n) {
    return this.#evaluate(this.generator, z, n);
  }

  // The discriminator's logits on n samples.
  logits(x, n) {
    return this.#evaluate(this.discriminator, x, n);
  }

  // For each of n samples the gradient, by the sample, of what the generator minimises for it. A relativistic
  // loss compares it with one of n real samples.
  generatorSlopes(x, n, real = []) {
    const { batch, loss } = this;
    demand(!loss.relativistic || real.length >= 2 * n, "generatorSlopes: real", `${n} samples`, real);
    const slopes = new this.kind(2 * n);
    for (let i = 0; i < n; i += batch) {
      const end = Math.min(n, i + batch);
      slopes.set(this.#judge(x.slice(2 * i, 2 * end), real.slice(2 * i, 2 * end), end - i, 1)[1], 2 * i);
    }
    return slopes;
  }

  // All that changes in training. A game with the same settings goes on from it as if it had never stopped.
  save() {
    const { t, phase, diverged, dLoss, penaltyValue, gLoss } = this;
    return { t, phase, diverged, dLoss, penaltyValue, gLoss, random: this.random.state,
      generator: this.adamG.state, discriminator: this.adamD.state };
  }

  restore({ random, generator, discriminator, ...values }) {
    this.adamG.state = generator;
    this.adamD.state = discriminator;
    this.random.state = random;
    Object.assign(this, values);
  }

  #drawReal(real) {
    if (real) this.real.set(real);
    else this.data.sample(this.real, this.batch, this.random);
  }

  #generateFake(z) {
    if (z) this.z.set(z);
    else for (let i = 0; i < this.z.length; i++) this.z[i] = this.random.normal();
    this.fake.set(this.generator.forward(this.z, this.batch));
  }

  // The generator's loss on n samples, and its slopes there, divided by `share`.
  #judge(fake, real, n, share) {
    const { loss, g, realLogits, discriminator } = this;
    if (loss.relativistic) realLogits.set(discriminator.forward(real, n));
    const logits = discriminator.forward(fake, n);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      sum += loss.generator(logits[i], realLogits[i]);
      g[i] = loss.slope(logits[i], realLogits[i]) / share;
    }
    return [sum / n, discriminator.backward(g, { parameters: false, input: true })];
  }

  // Sets penaltyValue and adds its gradient. With s = ∇ₓD(x) and q = ‖s‖², the gradient of value(q) by the
  // parameters is that of v · s with v = 2 slope(q) s held constant.
  #penalise(eps) {
    const { batch, penalty, weight, real, fake, between, discriminator } = this;
    for (let i = 0; i < batch; i++) {
      const e = penalty.eps ?? (eps ? eps[i] : this.random.uniform());
      for (const j of [2 * i, 2 * i + 1]) between[j] = e * real[j] + (1 - e) * fake[j];
    }
    discriminator.forward(between, batch);
    const s = discriminator.backward(this.ones, { parameters: false, input: true });
    let sum = 0;
    for (let i = 0; i < batch; i++) {
      const q = s[2 * i] ** 2 + s[2 * i + 1] ** 2;
      sum += penalty.value(q);
      const factor = 2 * weight * penalty.slope(q) / batch;
      for (const j of [2 * i, 2 * i + 1]) between[j] = factor * s[j];
    }
    this.penaltyValue = weight * sum / batch;
    discriminator.slopeBackward(between);
  }

  // An update, unless the loss is not finite; false if it or a parameter is not.
  #update(adam, loss) {
    this.diverged = !Number.isFinite(loss) || !adam.step();
    return !this.diverged;
  }

  // A network on n rows, as many at a time as its buffers hold.
  #evaluate(network, x, n) {
    const { rows, sizes } = network;
    const [inputs, out] = [sizes[0], sizes.at(-1)];
    const y = new this.kind(n * out);
    for (let i = 0; i < n; i += rows) {
      const end = Math.min(n, i + rows);
      y.set(network.forward(x.slice(i * inputs, end * inputs), end - i), i * out);
    }
    return y;
  }
}
