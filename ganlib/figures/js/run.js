import { Game, sigmoid } from "./game.js";
import { Densities, Mixture } from "./mixture.js";
import { Random } from "./random.js";

export const SHOWN = 256;
const JUDGED = 4096;
export const MAP = 48;
export const LEAP = 100;
export const LIMIT = 1.8;

// How a logit is read as the share of real samples at a place, and what the best discriminator says where that share
// is r. A critic's scores have no such reading: they are shown from the lowest to the highest.
export const same = (r) => r;
export const READ = {
  minimax: [sigmoid, same], non_saturating: [sigmoid, same], relativistic: [sigmoid, same],
  least_squares: [same, same], hinge: [(l) => (l + 1) / 2, (r) => (r > 0.5 ? 1 : r < 0.5 ? 0 : r)],
};

// A run of the game that can go to any of its steps: every LEAP steps its whole state is kept, and what lies between is
// trained again, to the same bits.
export class Run {
  constructor(given, centers, std) {
    this.data = new Mixture(centers, std);
    this.game = new Game({ ...given, data: this.data, hidden: Array(given.layers).fill(given.hidden) });
    const random = new Random((given.seed + 1000003) % 2 ** 32);
    this.z = Float32Array.from({ length: JUDGED * given.latent }, () => random.normal());
    this.real = new Float32Array(2 * SHOWN);
    this.data.sample(this.real, SHOWN, random);
    this.densities = new Densities(this.data, LIMIT, MAP);
    this.places = Float32Array.from({ length: 2 * MAP * MAP }, (_, i) =>
      ((2 * (i % 2 ? Math.floor(i / 2 / MAP) : (i >> 1) % MAP) + 1) / MAP - 1) * LIMIT);
    // Who learns, from which step on: "0both,300D".
    this.plan = given.plan.split(",").map((part) => [parseInt(part, 10) || 0, part.replace(/^\d+/, "") || "both"]);
    Object.assign(this, { t: 0, kept: [], judged: [], losses: [] });
    this.keep();
  }

  keep() {
    const at = this.t / LEAP;
    this.kept[at] ??= this.game.save();
    this.judged[at] ??= this.judge();
  }

  learner() {
    return this.plan.findLast(([from]) => from <= this.t)[1];
  }

  learn(who) {
    // From a whole step on: an update too many is taken back.
    if (this.game.phase) this.to(this.t);
    this.plan = [...this.plan.filter(([from]) => from < this.t), [this.t, who]];
    // What was beyond this step is no longer true.
    this.kept.length = this.judged.length = Math.floor(this.t / LEAP) + 1;
    this.losses.length = this.t;
  }

  // One update of one player. A step is k of the discriminator's and one of the generator's, or one of the only
  // learner's.
  update() {
    const { game } = this;
    const who = this.learner();
    const player = who === "both" ? game.next : who;
    const fine = player === "D" ? game.discriminatorStep() : game.generatorStep();
    if (who !== "both") game.phase = 0;
    if (game.phase === 0) {
      this.losses[this.t] = [game.dLoss, game.gLoss];
      this.t++;
      if (this.t % LEAP === 0) this.keep();
    }
    return fine;
  }

  step() {
    const before = this.t;
    while (this.t === before) if (!this.update()) return false;
    return true;
  }

  to(t) {
    const at = Math.min(this.kept.length - 1, Math.floor(t / LEAP));
    this.game.restore(this.kept[at]);
    this.t = at * LEAP;
    while (this.t < t && this.step());
  }

  judge() {
    const samples = this.game.generate(this.z, JUDGED);
    this.densities.measure(samples, JUDGED);
    return { ...this.data.coverage(samples, JUDGED), jsd: this.densities.jsd };
  }
}
