import { Kernel } from "./kernel.js";
import { demand, demandOne, isCount } from "./random.js";

// The slope below 0 of what is not tanh.
const LEAKS = { tanh: null, leaky_relu: 0.2, relu: 0 };

// A multilayer perceptron, as ganlib.networks.MLP: an activation after each hidden layer, the last is linear.
// sizes: width of every layer, input first. rows: the largest batch. All buffers are made here, once. Without
// `random` the parameters are 0 until load().
export class Network {
  constructor({ sizes, activation = "leaky_relu", rows = 256, random, precision = "single" }) {
    demand(Array.isArray(sizes) && sizes.length > 1 && sizes.every((size) => isCount(size)),
      "Network: sizes", "two or more whole numbers of at least 1", sizes);
    demandOne(LEAKS, "Network: activation", activation);
    demand(isCount(rows), "Network: rows", "a whole number of at least 1", rows);
    demandOne({ single: 1, double: 1 }, "Network: precision", precision);
    const widest = Math.max(...sizes);
    const count = sizes.slice(1).reduce((sum, out, l) => sum + (sizes[l] + 1) * out, 0);
    this.kernel = new Kernel(precision, [count, count, widest, 1, widest ** 2,
      ...sizes.map((size) => size * rows), ...sizes.map((size) => size * rows)]);
    [this.parameters, this.gradient, this.zeros, this.one, this.transposed] = this.kernel.arrays;
    // z[0] is the input, z[l] what layer l puts out; g[l] the loss's derivative by it, before the activation.
    this.z = this.kernel.arrays.slice(5, 5 + sizes.length);
    this.g = this.kernel.arrays.slice(5 + sizes.length);
    this.one[0] = 1;
    Object.assign(this, { sizes, rows, leak: LEAKS[activation], n: 0 });
    // Weights are stored (in, out): the transpose of torch's.
    let at = 0;
    this.layers = sizes.slice(1).map((out, l) => {
      const cut = (flat, from, length) => flat.subarray(from, from + length);
      const [weights, bias] = [sizes[l] * out, at + sizes[l] * out];
      const layer = { weight: cut(this.parameters, at, weights), bias: cut(this.parameters, bias, out),
        weightGradient: cut(this.gradient, at, weights), biasGradient: cut(this.gradient, bias, out) };
      at = bias + out;
      return layer;
    });
    if (random) this.initialise(random);
  }

  // Uniform on ±1/√inputs, weight and then bias, layer by layer: torch's default.
  initialise(random) {
    this.layers.forEach(({ weight, bias }, l) => {
      const bound = 1 / Math.sqrt(this.sizes[l]);
      for (const x of [weight, bias]) for (const i of x.keys()) x[i] = bound * (2 * random.uniform() - 1);
    });
  }

  // Parameters as torch lists them, each as nested lists: weight (out, in), bias (out), layer by layer.
  load(arrays) {
    this.layers.forEach(({ weight, bias }, l) => {
      const out = bias.length;
      const given = arrays[2 * l];
      demand(given?.length === out && given[0].length === this.sizes[l], `Network: weight ${l}`,
        `${out} rows of ${this.sizes[l]}`, given);
      for (const i of weight.keys()) weight[i] = given[i % out][Math.floor(i / out)];
      bias.set(arrays[2 * l + 1]);
    });
  }

  // x: n rows → n rows of outputs, valid until the next pass.
  forward(x, n) {
    demand(isCount(n) && n <= this.rows, "Network: n", `a whole number from 1 to ${this.rows}`, n);
    this.z[0].set(x);
    this.n = n;
    this.layers.forEach(({ weight, bias }, l) => {
      const [inputs, out, z] = [this.sizes[l], this.sizes[l + 1], this.z[l + 1]];
      this.kernel.product(z, bias, 0, this.z[l], inputs, 1, weight, 0, n, inputs, out);
      if (l === this.layers.length - 1) return;
      const [half, rest] = [(1 + this.leak) / 2, (1 - this.leak) / 2];
      if (this.leak === null) this.kernel.tanh(z, n * out);
      // max(z, leak · z) and, below, its slope, without branches: which sign comes next cannot be guessed.
      else for (let i = 0; i < n * out; i++) z[i] = half * z[i] + rest * Math.abs(z[i]);
    });
    return this.z.at(-1).subarray(0, n * this.sizes.at(-1));
  }

  // g: the loss's derivative by the outputs of the last forward pass. Adds the one by the parameters to
  // `gradient` and returns the one by the input, each if asked for.
  backward(g, { parameters = true, input = false } = {}) {
    this.g.at(-1).set(g);
    this.#reverse(this.n, parameters, input);
    return this.g[0].subarray(0, this.n * this.sizes[0]);
  }

  // Adds to `gradient` the derivative by the parameters of Σ v · ∇ₓD(x) over the samples of the last forward
  // pass, with v constant, one a sample. v · ∇ₓD is the rate at which D changes when x moves along v. This is
  // computed in a forward pass, of the tangents ż, which are kept in rows n to 2n under the samples' z. One
  // reverse pass over both gives what we want.
  slopeBackward(v) {
    const { n, sizes, layers, kernel, zeros } = this;
    demand(2 * n <= this.rows, "Network: n", `at most ${this.rows / 2}, half of rows`, n);
    this.z[0].set(v, n * sizes[0]);
    layers.forEach(({ weight }, l) => {
      const [inputs, out, z] = [sizes[l], sizes[l + 1], this.z[l + 1]];
      kernel.product(z, zeros, 0, this.z[l], inputs, 1, weight, n, 2 * n, inputs, out);
      if (l === layers.length - 1) return;
      this.#timesSlope(z, n * out, z, n * out);
    });
    this.g.at(-1).fill(0, 0, n).fill(1, n, 2 * n);
    this.#reverse(2 * n, true, false);
  }

  // rows = n: the samples; rows = 2n: samples and tangents, which add no bias and so give it no derivative.
  #reverse(rows, parameters, input) {
    const { n, sizes, kernel, leak, zeros, one, transposed } = this;
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const { weight, weightGradient, biasGradient } = this.layers[l];
      const [inputs, out, z, g, after] = [sizes[l], sizes[l + 1], this.z[l], this.g[l], this.g[l + 1]];
      if (parameters) {
        kernel.product(weightGradient, weightGradient, out, z, 1, inputs, after, 0, inputs, rows, out);
        kernel.product(biasGradient, biasGradient, out, one, 0, 0, after, 0, 1, n, out);
      }
      if (l === 0 && !input) return;
      for (let i = 0; i < inputs; i++) {
        for (let j = 0; j < out; j++) transposed[j * inputs + i] = weight[i * out + j];
      }
      kernel.product(g, zeros, 0, after, out, 1, transposed, 0, rows, out, inputs);
      if (l === 0) return;
      const half = n * inputs;
      this.#timesSlope(g, 0, z, half);
      if (rows === n) continue;
      // tanh″ = −2 tanh tanh′, and ż has the tanh′ in it already.
      if (leak === null) for (let i = 0; i < half; i++) g[i] -= 2 * z[i] * z[half + i] * g[half + i];
      this.#timesSlope(g, half, z, half);
    }
  }

  // The activation's slope where its value is z, times `count` numbers of x beginning with number `from`.
  #timesSlope(x, from, z, count) {
    const { leak } = this;
    if (leak === null) for (let i = 0; i < count; i++) x[from + i] *= 1 - z[i] * z[i];
    else for (let i = 0; i < count; i++) x[from + i] *= leak + (1 - leak) * (z[i] > 0);
  }
}

// Adam, as torch.optim.Adam: Kingma & Ba 2015, algorithm 1.
export class Adam {
  constructor(network, { lr = 0.001, beta1 = 0.5, beta2 = 0.99, eps = 1e-8 } = {}) {
    Object.assign(this, { network, lr, beta1, beta2, eps, steps: 0 });
    // Means of the gradient and of its square.
    this.mean = network.gradient.slice().fill(0);
    this.square = this.mean.slice();
  }

  // One update from the network's gradient; false if a parameter is no longer finite.
  step() {
    const { network: { parameters, gradient }, mean, square, beta1, beta2, eps } = this;
    this.steps++;
    const rate = this.lr / (1 - beta1 ** this.steps);
    const scale = 1 / Math.sqrt(1 - beta2 ** this.steps);
    let sum = 0;
    for (let i = 0; i < parameters.length; i++) {
      mean[i] = beta1 * mean[i] + (1 - beta1) * gradient[i];
      square[i] = beta2 * square[i] + (1 - beta2) * gradient[i] * gradient[i];
      parameters[i] -= rate * mean[i] / (Math.sqrt(square[i]) * scale + eps);
      sum += parameters[i];
    }
    return Number.isFinite(sum);
  }

  // All that an update changes, as a copy.
  get state() {
    const { network: { parameters }, mean, square, steps } = this;
    return { parameters: parameters.slice(), mean: mean.slice(), square: square.slice(), steps };
  }

  set state({ parameters, mean, square, steps }) {
    const expected = this.mean.length;
    const { length } = parameters;
    demand(length === expected, "restore: parameters", `${expected} numbers`, length);
    this.network.parameters.set(parameters);
    this.mean.set(mean);
    this.square.set(square);
    this.steps = steps;
  }
}
