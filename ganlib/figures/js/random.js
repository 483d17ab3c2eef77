// A bad setting gets a clear error: which argument, what was expected, what came.
export function demand(ok, name, expected, value) {
  if (ok) return;
  const came = typeof value === "function" ? "a function" : JSON.stringify(value, (_, v) =>
    (typeof v === "number" && !Number.isFinite(v) ? String(v) : v));
  throw new Error(`${name} must be ${expected}, got ${came}`);
}

export const demandOne = (known, name, value) =>
  demand(Object.hasOwn(known, value), name, Object.keys(known).join(" or "), value);

// A whole number of at least `least`.
export const isCount = (value, least = 1) => Number.isInteger(value) && value >= least;

// Random numbers from a seed: sfc32 by C. Doty-Humphrey, whose whole state is four 32-bit words.
export class Random {
  #state = new Uint32Array(4);

  constructor(seed = 0) {
    demand(isCount(seed, 0) && seed < 2 ** 32, "Random: seed", "a whole number from 0 to 4294967295", seed);
    this.#state.set([0, seed, 0, 1]);
    for (let i = 0; i < 15; i++) this.uniform();
  }

  get state() {
    return this.#state.slice();
  }

  set state(words) {
    this.#state.set(words);
  }

  // Uniform on [0, 1), a multiple of 2⁻³².
  uniform() {
    const s = this.#state;
    const a = s[0];
    const b = s[1];
    const c = s[2];
    const count = s[3];
    const sum = (a + b + count) >>> 0;
    s[0] = b ^ (b >>> 9);
    s[1] = c + (c << 3);
    s[2] = ((c << 21) | (c >>> 11)) + sum;
    s[3] = count + 1;
    return sum / 2 ** 32;
  }

  // Normal, by Box and Muller, from two uniform numbers. The second normal number that they could give is not
  // kept, so the four words remain the whole state.
  normal() {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}
