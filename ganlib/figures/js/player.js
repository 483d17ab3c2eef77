import { ask, choice, colour, link, make, numbers, row, settings } from "./page.js";
import { shown, slide, start, tick, views } from "./page.js";
import { Plane, probabilityRamp } from "./plane.js";
import { transport } from "./transport.js";
import { recordedParts } from "./decode.js";

start((config, root) => {
  const { steps, runs, limit, names, key, note } = config;
  const last = steps.length - 1;
  const length = Math.max(...runs.map((run) => run.length));
  const defaults = { step: 0, real: true, map: true, paths: false, line: names[0] || "" };
  const state = { ...defaults };
  let parts = null;
  let trouble = "";
  let at = 0;

  const PATHS = 24;
  const words = (n) => n.toLocaleString("en-GB");
  const digits = (y) => (Number.isInteger(y) ? words(y) : shown(y ?? NaN));
  // Where the greatest of the sorted numbers stands that is not above the value.
  const before = (sorted, value) => Math.max(0, sorted.filter((one) => one <= value).length - 1);
  // What a run shows now: its last recorded visit that is not after the step.
  const visit = (run) => before(run.steps, steps[at]);
  const part = (index) => (index === null ? null : parts[index]);
  const visited = (index, size, v) => part(index).subarray(v * size, (v + 1) * size);
  for (const run of runs) {
    run.edges = Array.from({ length: run.bins }, (_, i) => Math.floor(i * run.length / run.bins));
  }
  // The losses at a step are those of the curves at the cursor.
  const losses = (run, step) => {
    const bin = before(run.edges, Math.min(step, run.length - 1));
    return [bin, run.bins + bin].map((i) => part(run.mean)[i]);
  };
  const late = (run) => {
    const step = run.steps[visit(run)];
    return step === steps[at] ? "" : `, as at step ${words(step)}`;
  };

  const samples = [];
  const others = [];
  const scatter = (run, plane) => {
    const n = run.samples;
    const v = visit(run);
    const size = Math.min(2.5, plane.wide / 110);
    if (state.map && run.map !== null) {
      plane.heat(visited(run.map, run.pixels ** 2, v), run.pixels, probabilityRamp, 0.6);
    }
    plane.axes();
    if (state.real && run.real !== null) plane.dots(part(run.real), part(run.real).length / 2, { size });
    const points = visited(run.points, 2 * n, v);
    if (state.paths) {
      const past = [4, 3, 2, 1, 0].filter((u) => u <= v).map((u) => visited(run.points, 2 * n, v - u));
      for (let j = 0; j < PATHS; j++) {
        const i = 2 * Math.floor(j * n / PATHS);
        const [xs, ys] = [i, i + 1].map((k) => past.map((p) => p[k]));
        plane.curve(xs, ys, { stroke: colour.generated, width: 1 });
      }
    }
    plane.dots(points, n, { shape: "cross", fill: colour.generated, size });
    let outside = 0;
    for (let i = 0; i < 2 * n; i += 2) {
      if (Math.max(Math.abs(points[i]), Math.abs(points[i + 1])) > limit * 0.9999) outside++;
    }
    return (outside ? `, ${outside} of ${n} outside, at the edge` : "") + late(run);
  };
  const sheet = (index, plane) => {
    plane.c.imageSmoothingEnabled = false;
    const [left, top] = [plane.px(0), plane.py(1)];
    plane.c.drawImage(part(index), left, top, plane.px(1) - left, plane.py(0) - top);
    return "";
  };
  const samplesPlane = (title, draw) => {
    const square = limit ? [-limit, limit] : [0, 1];
    const plane = new Plane({ label: title, caption: title, x: square, y: square, aspect: config.aspect,
      draw: () => {
        if (parts) plane.caption.textContent = title + draw(plane);
      } });
    // All show the same part.
    plane.move = (dx, dy) => { for (const one of samples) Plane.prototype.move.call(one, dx, dy); };
    samples.push(plane);
    return plane.element;
  };

  // Curves over the steps: drag the cursor. curves(run) → [{ xs, ys, now, low, high, stroke, dash, level }].
  const stepsPlane = (run, title, curves) => {
    const plane = new Plane({ label: title(), caption: title(), x: [0, length], aspect: 2.4,
      drag: ({ x }) => {
        const i = before(steps, x);
        seek(i < last && x - steps[i] > steps[i + 1] - x ? i + 1 : i);
      },
      draw: () => {
        if (!parts) return;
        plane.caption.textContent = title();
        // One scale for all runs, which holds the curves and all but the last fiftieth of their bands' ends.
        const every = runs.flatMap(curves);
        const end = (name, share) => {
          const ends = every.flatMap((one) => one[name] || []).sort((a, b) => a - b);
          return ends[Math.floor(share * (ends.length - 1))];
        };
        const ends = [end("low", 0.02), end("high", 0.98)];
        const finite = [...every.flatMap(({ ys, level }) => [...ys, level]), ...ends].filter(Number.isFinite);
        const [lo, hi] = [Math.min(...finite), Math.max(...finite)];
        const pad = (hi - lo || 1) * 0.1;
        plane.y = [lo - pad, hi + pad];
        plane.axes();
        for (const { xs, ys, low, high, stroke, dash, level, now } of curves(run)) {
          if (low) {
            const band = [...low, ...high.reverse()];
            plane.curve([...xs, ...[...xs].reverse()], band, { width: 0, fill: `${stroke}40` });
          }
          if (level !== undefined) {
            plane.curve(plane.x, [level, level], { stroke: colour.theory, width: 1, dash: [2, 3] });
          }
          plane.curve(xs, ys, { stroke, dash, width: 1.6 });
          plane.dots([steps[at], now], 1, { fill: stroke, size: 4 });
        }
        plane.curve([steps[at], steps[at]], plane.y, { width: 1.2 });
      } });
    plane.canvas.style.minHeight = "100px";
    others.push(plane);
    return plane.element;
  };
  const lossCurves = (run) => {
    const ends = [...run.edges.slice(1), run.length];
    const xs = run.edges.map((edge, i) => (edge + ends[i] - 1) / 2);
    const slice = (index, i) => [...part(index).subarray(i * run.bins, (i + 1) * run.bins)];
    const now = losses(run, steps[at]);
    return [0, 1].map((i) => ({ xs, ys: slice(run.mean, i), low: slice(run.band, 2 * i),
      high: slice(run.band, 2 * i + 1), stroke: [colour.discriminator, colour.generated][i],
      dash: i ? [6, 3] : [], level: run.levels[i], now: now[i] }));
  };
  const lineCurves = (run) => {
    const ys = run.lines[names.indexOf(state.line)].map((y) => y ?? NaN);
    return [{ xs: run.steps, ys, stroke: colour.ink, dash: [], now: ys[visit(run)] }];
  };

  const stack = (...elements) => make("div", {}, views(999, ...elements));
  const titled = (run, text) => (run.label ? `${run.label}: ${text}` : text);
  const columns = runs.flatMap((run) => {
    const picture = run.points === null
      ? samplesPlane(titled(run, "generated"), (plane) => sheet(run.sheets[visit(run)], plane) + late(run))
      : samplesPlane(titled(run, "samples"), (plane) => scatter(run, plane));
    const curves = [stepsPlane(run, () => titled(run, "losses, D solid, G dashed"), lossCurves)];
    if (names.length) curves.push(stepsPlane(run, () => titled(run, state.line), lineCurves));
    return runs.length > 1 ? [stack(picture, ...curves)] : [picture, stack(...curves)];
  });
  if (config.real !== null) columns.unshift(samplesPlane("real", (plane) => sheet(config.real, plane)));
  for (const column of columns) column.style.maxWidth = "420px";

  const sentence = (run) => {
    const [d, g] = losses(run, steps[at]);
    const more = names.map((name, i) => `, ${name} ${digits(run.lines[i][visit(run)])}`);
    return titled(run, `D loss ${shown(d)}, G loss ${shown(g)}${more.join("")}`);
  };
  const says = () => {
    if (!parts) return trouble || "Loading the recording …";
    for (const plane of samples) plane.say(`${plane.caption.textContent}, at step ${words(steps[at])}`);
    for (const plane of others) plane.say(`${plane.caption.textContent}, cursor at step ${words(steps[at])}`);
    return `Step ${words(steps[at])} of ${words(length)}: ${runs.map(sentence).join("; ")}.`;
  };
  const player = transport({
    rate: 10, leap: Math.max(1, Math.round(last / 10)), says,
    time: () => (parts ? `step ${words(steps[at])} of ${words(length)}` : ""),
    // Play at the end begins again.
    forward: () => {
      if (!parts) return false;
      at = at < last ? at + 1 : player.playing() ? 0 : last;
      return at < last;
    },
    back: (n) => { at = Math.max(0, at - n); },
    start: () => { at = 0; },
    redraw: () => {
      for (const plane of [...samples, ...others]) plane.redraw();
      slider.set(at);
    },
    zoom: (factor) => { for (const plane of samples) plane.zoom(factor); },
  });
  const seek = (index) => {
    player.pause();
    at = index;
    player.tell();
  };
  const slider = slide("Step", { min: 0, max: last, step: 1, value: 0, show: (i) => words(steps[i]) }, seek);
  const set = (name) => (value) => {
    state[name] = value;
    player.tell();
  };
  const controls = { line: names.length > 1 && choice("Line", names, state.line, set("line")),
    real: runs.some((run) => run.real !== null) && tick("real samples", true, set("real")),
    map: runs.some((run) => run.map !== null) && tick("D's map", true, set("map")),
    paths: limit && tick(`last moves of ${PATHS} samples`, false, set("paths")) };
  const table = numbers("Numbers at every recorded step",
    ["step", ...runs.flatMap((run) => ["D loss", "G loss", ...names].map((name) => titled(run, name)))],
    () => (parts ? steps.map((step, i) => [words(step), ...runs.flatMap((run) => {
      const v = run.steps.indexOf(step);
      const cells = [...losses(run, step), ...run.lines.map((line) => line[v])];
      return cells.map((y) => (v < 0 ? "–" : digits(y)));
    })]) : []));
  const restore = (text) => {
    Object.assign(state, settings(defaults, {}, text));
    if (!names.includes(state.line)) state.line = defaults.line;
    for (const [name, control] of Object.entries(controls)) if (control) control.set(state[name]);
    seek(before(steps, state.step));
  };
  root.append(...ask(config), views(runs.length > 1 ? 150 : 230, ...columns), make("p", {}, key), player.bar,
    player.status, row(slider, ...Object.values(controls).filter(Boolean)), table, make("p", {}, note),
    link(() => ({ ...state, step: steps[at] })));
  player.tell();
  recordedParts(config.data, config.parts).then((found) => {
    parts = found;
    player.tell();
    table.update();
  }, () => {
    trouble = "This browser cannot unpack the recording.";
    player.tell();
  });
  return { redraw: player.show, restore };
});
