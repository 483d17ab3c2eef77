import { Kernel } from "./kernel.js";

// The forward pass of ganlib's small image generators, from 8-bit weights.
// Pictures lie as [row][column][channel], kernels as [input][row][column][output].

const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

// A transposed convolution of a square picture: one matrix product for all places and taps, then every tap is
// added where it falls. An odd kernel with stride 2 stands for "repeat each pixel as 2 × 2, then convolve", which
// is one kernel that is larger by 1.
const wider = (kernel, stride) => kernel + (stride - 1) * (kernel % 2);
class Transposed {
  constructor([inputs, outputs, stored, stride, side], read) {
    const kernel = wider(stored, stride);
    Object.assign(this, { inputs, outputs, kernel, stride, side });
    this.pad = side > 1 ? (kernel - stride) / 2 : 0;
    this.out = (side - 1) * stride + kernel - 2 * this.pad;
    this.taps = kernel * kernel * outputs;
    this.engine = read.engine;
    [this.x, this.weight, this.products, this.zeros] = read.arrays(4);
    this.stored = read.kernel(inputs * stored * stored * outputs, outputs);
    const more = kernel - stored;
    this.stored.forEach((v, at) => {
      const [j, place] = [at % outputs, Math.floor(at / outputs)];
      const [x, row] = [place % stored, Math.floor(place / stored)];
      const y = row % stored + Math.floor(row / stored) * kernel;
      for (let dy = 0; dy <= more; dy++) {
        for (let dx = 0; dx <= more; dx++) this.weight[((y + dy) * kernel + x + dx) * outputs + j] += v;
      }
    });
    this.bias = read.floats(outputs);
    this.y = new Float64Array(this.out * this.out * outputs);
  }

  // What the kernel keeps for one: its input, weights, products and a row of zeros to add them to.
  static lengths([inputs, outputs, stored, stride, side]) {
    const taps = wider(stored, stride) ** 2 * outputs;
    return [side * side * inputs, inputs * taps, side * side * taps, taps];
  }

  // Of the input in x.
  run() {
    const { inputs, outputs, kernel, stride, side, pad, out, taps, products, y } = this;
    const places = side * side;
    this.engine.product(products, this.zeros, 0, this.x, inputs, 1, this.weight, 0, places, inputs, taps);
    y.fill(0);
    for (let i = 0; i < places; i++) {
      for (let k = 0; k < kernel * kernel; k++) {
        const row = Math.floor(i / side) * stride - pad + Math.floor(k / kernel);
        const column = i % side * stride - pad + k % kernel;
        if (row < 0 || row >= out || column < 0 || column >= out) continue;
        const to = (row * out + column) * outputs;
        const from = i * taps + k * outputs;
        for (let j = 0; j < outputs; j++) y[to + j] += products[from + j];
      }
    }
    return y;
  }

  // act(scale · layer(x) + bias), the scale one for each channel.
  forward(x, act, scale = null) {
    this.x.set(x);
    const y = this.run();
    for (let i = 0, j = 0; i < y.length; i++, j = (j + 1) % this.outputs) {
      y[i] = act((scale ? y[i] * scale[j] : y[i]) + this.bias[j]);
    }
    return y;
  }
}
const relu = (v) => (v > 0 ? v : 0);
const leaky = (v) => Math.SQRT2 * (v > 0 ? v : 0.2 * v);

// A dense layer, in double precision: what is lost in w or in a style is lost in all that follows.
const dense = ([inputs, outputs], read) => ({ weight: read.kernel(inputs * outputs, outputs),
  bias: read.floats(outputs) });
const through = ({ weight, bias }, x) =>
  Array.from(bias, (b, j) => x.reduce((sum, v, i) => sum + v * weight[i * bias.length + j], b));

// A style s = A(w) scales the input's channels; demodulation divides each output channel by √(Σ (s W)²).
class Styled {
  constructor([style, main, demodulate], read) {
    this.style = dense(style, read);
    this.main = new Transposed(main, read);
    const { inputs, outputs, stored } = this.main;
    this.power = demodulate ? new Float64Array(inputs * outputs) : null;
    if (demodulate) stored.forEach((v, at) => {
      this.power[Math.floor(at * inputs / stored.length) * outputs + at % outputs] += v * v;
    });
  }

  forward(x, w, act) {
    const { inputs, outputs } = this.main;
    const s = through(this.style, w);
    const scale = this.power && Float64Array.from({ length: outputs }, (_, j) =>
      1 / Math.sqrt(s.reduce((sum, v, i) => sum + v * v * this.power[i * outputs + j], 1e-8)));
    return this.main.forward(x.map((v, i) => v * s[i % inputs]), act, scale);
  }
}

// kind "dcgan": z → picture. kind "style": z → w = map(z), one w a layer → picture.
// Pictures are 28 × 28 values in [−1, 1].
export class Generator {
  constructor({ kind, latent, maps, layers, bytes, floats }) {
    const styled = kind === "style";
    const weights = new Int8Array(bytesOf(bytes).buffer);
    const numbers = new Float32Array(bytesOf(floats).buffer);
    const shapes = styled ? layers.map(([, main]) => main) : layers;
    const engine = new Kernel("single", shapes.flatMap(Transposed.lengths));
    let [at, next, used] = [0, 0, 0];
    const read = {
      engine,
      arrays: (n) => engine.arrays.slice(used, used += n),
      floats: (n) => numbers.slice(next, next += n),
      kernel: (n, outputs) => {
        const scale = read.floats(outputs);
        return Float32Array.from(weights.subarray(at, at += n), (v, i) => v * scale[i % outputs]);
      },
    };
    Object.assign(this, { styled, latent });
    if (styled) {
      this.mean = read.floats(latent);
      this.maps = maps.map((shape) => dense(shape, read));
      const [inputs, , , , side] = layers[0][1];
      this.constant = read.kernel(side * side * inputs, inputs);
    }
    this.layers = layers.map((shape) => new (styled ? Styled : Transposed)(shape, read));
  }

  // Only the direction of z counts: it is brought to length √latent first.
  map(z) {
    const scale = 1 / Math.sqrt(z.reduce((sum, v) => sum + v * v, 0) / z.length + 1e-8);
    return this.maps.reduce((x, layer) => through(layer, x).map(leaky), z.map((v) => v * scale));
  }

  // Of z, or for kind "style" of a list of w, one a layer.
  draw(input) {
    const { styled } = this;
    const inside = styled ? leaky : relu;
    return this.layers.reduce((x, layer, i) => {
      const act = i < this.layers.length - 1 ? inside : Math.tanh;
      return styled ? layer.forward(x, input[i], act) : layer.forward(x, act);
    }, styled ? this.constant : input).slice();
  }
}
