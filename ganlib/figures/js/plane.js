import { colour, make } from "./page.js";

// A canvas with coordinates. draw(plane) paints it; drag({ x, y, first }) and nudge(dx, dy) (arrow keys, in steps of
// 1/40 of the width) make it a control; without them it can be moved when zoomed, by pointer and by arrow keys.
export class Plane {
  constructor({ label, caption = "", x = [-2, 2], y = [-2, 2], aspect = 1, draw, drag = null, nudge = null }) {
    Object.assign(this, { home: [...x, ...y], x: [...x], y: [...y], share: 1, paint: draw, drag, nudge });
    this.canvas = make("canvas", { role: "img", "aria-label": label });
    this.caption = make("figcaption", {}, caption);
    this.element = make("figure", {}, this.canvas, ...(caption ? [this.caption] : []));
    this.c = this.canvas.getContext("2d");
    this.canvas.style.aspectRatio = aspect;
    this.ready();
    this.canvas.onkeydown = (event) => this.key(event);
    this.canvas.onpointerdown = (event) => this.grab(event);
    new ResizeObserver(() => this.redraw()).observe(this.canvas);
  }

  say(label) {
    this.canvas.setAttribute("aria-label", label);
  }

  key(event) {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!by || !(this.nudge || this.zoomed())) return;
    event.preventDefault();
    event.stopPropagation();
    const part = this.nudge ? 40 : 10;
    const [dx, dy] = [by[0] * (this.x[1] - this.x[0]) / part, by[1] * (this.y[1] - this.y[0]) / part];
    if (this.nudge) this.nudge(dx, dy);
    else this.move(dx, dy);
  }

  zoomed() {
    return this.share < 0.999;
  }

  // What takes arrow keys says so and is reached by Tab; what can be dragged is not scrolled by touch.
  ready() {
    const keys = Boolean(this.nudge) || this.zoomed();
    this.canvas.tabIndex = keys ? 0 : -1;
    this.canvas.setAttribute("role", keys ? "application" : "img");
    this.canvas.classList.toggle("drag", keys || Boolean(this.drag));
  }

  grab(event) {
    if (event.button !== 0 || (!this.drag && !this.zoomed())) return;
    const place = ({ offsetX, offsetY }) => [this.x[0] + offsetX / this.wide * (this.x[1] - this.x[0]),
      this.y[1] - offsetY / this.high * (this.y[1] - this.y[0])];
    let before = place(event);
    const to = (point, first) => {
      if (this.drag) this.drag({ x: point[0], y: point[1], first });
      else this.move(before[0] - point[0], before[1] - point[1]);
    };
    this.canvas.setPointerCapture(event.pointerId);
    if (this.drag) to(before, true);
    this.canvas.onpointermove = (e) => {
      to(place(e), false);
      before = place(e);
    };
    this.canvas.onpointerup = this.canvas.onpointercancel = () => { this.canvas.onpointermove = null; };
  }

  // The centre stays; never wider than at home.
  zoom(factor) {
    const [a, b, c, d] = this.home;
    const share = Math.min(1, Math.max(1 / 32, (this.x[1] - this.x[0]) / (b - a) / factor));
    const [mx, my] = [(this.x[0] + this.x[1]) / 2, (this.y[0] + this.y[1]) / 2];
    this.x = [mx - share * (b - a) / 2, mx + share * (b - a) / 2];
    this.y = [my - share * (d - c) / 2, my + share * (d - c) / 2];
    this.share = share;
    this.ready();
    this.move(0, 0);
  }

  move(dx, dy) {
    const keep = ([lo, hi], d, least, most) => {
      const by = Math.min(Math.max(d, least - lo), most - hi);
      return [lo + by, hi + by];
    };
    this.x = keep(this.x, dx, this.home[0], this.home[1]);
    this.y = keep(this.y, dy, this.home[2], this.home[3]);
    this.redraw();
  }

  redraw() {
    const box = this.canvas.getBoundingClientRect();
    if (!box.width) return;
    const ratio = Math.min(2, devicePixelRatio || 1);
    this.wide = this.canvas.clientWidth;
    this.high = this.canvas.clientHeight;
    const [w, h] = [Math.round(this.wide * ratio), Math.round(this.high * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) Object.assign(this.canvas, { width: w, height: h });
    this.c.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.c.fillStyle = colour.paper;
    this.c.fillRect(0, 0, this.wide, this.high);
    this.paint(this);
  }

  px(x) {
    return (x - this.x[0]) / (this.x[1] - this.x[0]) * this.wide;
  }

  py(y) {
    return (this.y[1] - y) / (this.y[1] - this.y[0]) * this.high;
  }

  curve(xs, ys, { stroke = colour.ink, width = 2, dash = [], fill = null } = {}) {
    const { c } = this;
    c.beginPath();
    for (let i = 0; i < xs.length; i++) c.lineTo(this.px(xs[i]), this.py(ys[i]));
    c.setLineDash(dash);
    Object.assign(c, { strokeStyle: stroke, lineWidth: width, lineJoin: "round" });
    if (fill) {
      c.fillStyle = fill;
      c.fill();
    }
    if (width) c.stroke();
    c.setLineDash([]);
  }

  // points: x, y, x, y … ; shape "circle" (real) or "cross" (generated), so that colour is not needed.
  dots(points, n, { shape = "circle", fill = colour.real, size = 2.5 } = {}) {
    const { c } = this;
    c.beginPath();
    for (let i = 0; i < n; i++) {
      const x = this.px(points[2 * i]);
      const y = this.py(points[2 * i + 1]);
      if (shape === "circle") {
        c.moveTo(x + size, y);
        c.arc(x, y, size, 0, 7);
      } else {
        c.moveTo(x - size, y - size);
        c.lineTo(x + size, y + size);
        c.moveTo(x - size, y + size);
        c.lineTo(x + size, y - size);
      }
    }
    Object.assign(c, { fillStyle: fill, strokeStyle: fill, lineWidth: 1.4 });
    if (shape === "circle") c.fill();
    else c.stroke();
  }

  // Arrows from (x, y) by (dx, dy), both in data units: [[x, y, dx, dy] …].
  arrows(list, { stroke = colour.ink, width = 1.2 } = {}) {
    const { c } = this;
    c.beginPath();
    for (const [x, y, dx, dy] of list) {
      const [a, b, p, q] = [this.px(x), this.py(y), this.px(x + dx), this.py(y + dy)];
      const [u, v] = [(p - a) / 3.5, (q - b) / 3.5];
      c.moveTo(a, b);
      c.lineTo(p, q);
      c.moveTo(p - u - v * 0.6, q - v + u * 0.6);
      c.lineTo(p, q);
      c.lineTo(p - u + v * 0.6, q - v - u * 0.6);
    }
    // A seam of the background's colour, so that they can be seen on any map.
    Object.assign(c, { strokeStyle: colour.paper, lineWidth: width + 2 });
    c.stroke();
    Object.assign(c, { strokeStyle: stroke, lineWidth: width });
    c.stroke();
  }

  // A heat map of size × size values over the home square, lowest row first; ramp(value) → [r, g, b] in 0 … 255.
  heat(values, size, ramp, alpha = 1) {
    if (!this.tile || this.tile.width !== size) {
      this.tile = make("canvas", { width: size, height: size });
      this.pixels = new ImageData(size, size);
    }
    const { data } = this.pixels;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const [r, g, b] = ramp(values[(size - 1 - i) * size + j]);
        data.set([r, g, b, 255], 4 * (i * size + j));
      }
    }
    this.tile.getContext("2d").putImageData(this.pixels, 0, 0);
    const [a, b, c, d] = this.home;
    this.c.globalAlpha = alpha;
    this.c.drawImage(this.tile, this.px(a), this.py(d), this.px(b) - this.px(a), this.py(c) - this.py(d));
    this.c.globalAlpha = 1;
  }

  text(x, y, words, { fill = colour.ink, align = "left", size = 12 } = {}) {
    Object.assign(this.c, { fillStyle: fill, textAlign: align, font: `${size}px system-ui, sans-serif` });
    this.c.fillText(words, this.px(x), this.py(y));
  }

  // Grid lines and numbers at round places; names of the axes at their ends.
  axes(xname = "", yname = "") {
    const { c } = this;
    for (const [lo, hi, across] of [[...this.x, true], [...this.y, false]]) {
      const rough = (hi - lo) / Math.max(2, (across ? this.wide : this.high) / 70);
      const power = 10 ** Math.floor(Math.log10(rough));
      const step = power * [1, 2, 5, 10].find((m) => m * power >= rough);
      for (let i = Math.ceil(lo / step); i * step <= hi; i++) {
        const at = across ? this.px(i * step) : this.py(i * step);
        c.fillStyle = colour.faint;
        if (across) c.fillRect(at, 0, i ? 0.5 : 1.2, this.high);
        else c.fillRect(0, at, this.wide, i ? 0.5 : 1.2);
        const words = String(+(i * step).toPrecision(4)).replace("-", "−");
        Object.assign(c, { fillStyle: colour.ink, font: "11px system-ui, sans-serif", textAlign: "left" });
        if (across && at > 14 && at < this.wide - 24) c.fillText(words, at + 2, this.high - 3);
        if (!across && at > 12 && at < this.high - 14) c.fillText(words, 3, at - 2);
      }
    }
    Object.assign(c, { fillStyle: colour.ink, font: "italic 13px system-ui, sans-serif" });
    c.textAlign = "right";
    if (xname) c.fillText(xname, this.wide - 4, this.high - 16);
    c.textAlign = "left";
    if (yname) c.fillText(yname, 24, 14);
  }
}

const mix = (a, b, t) => a.map((v, i) => v + (b[i] - v) * t);
// D in 0 … 1: purple says generated, orange says real, as in the printed figures; NaN says nothing.
export const probabilityRamp = (d) => {
  if (Number.isNaN(d)) return colour.blank;
  const t = Math.min(1, Math.max(0, d));
  return t < 0.5 ? mix(colour.low, colour.middle, 2 * t) : mix(colour.middle, colour.high, 2 * t - 1);
};
