import { choice, make, press } from "./page.js";

const ICONS = {
  start: "M5 5h3v14H5zM20 5v14L9 12z", back: "M12 5v14L3 12zM21 5v14l-9-7z", play: "M7 4v16l13-8z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z", forward: "M12 5v14l9-7zM3 5v14l9-7z", step: "M5 5v14l10-7zM16 5h3v14h-3z",
  closer: "M10.5 4v5.5H16v3h-5.5V18h-3v-5.5H2v-3h5.5V4z", wider: "M2 9.5h14v3H2z",
};
const FRAME_BUDGET = 9;

// The bar that every figure has. The figure gives
//   forward() one step, false where it ends; back(n), n steps; start(); time() in words; says(), the state in words;
//   redraw(); rate, steps a second at speed 1; leap, the steps of back and forward; zoom(factor), if it can.
export function transport(figure) {
  const { leap } = figure;
  let playing = false;
  let speed = 1;
  let owed = 0;
  let before = 0;
  let drawn = 0;
  let asked = 0;
  // An output is announced at every change unless told not to be.
  const time = make("output", { "aria-label": "time", "aria-live": "off" });
  const status = make("p", { className: "says", role: "status" });
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const icon = (button, name, title) => {
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
    button.title = title;
    button.setAttribute("aria-label", title);
    return button;
  };
  const show = () => {
    figure.redraw();
    time.textContent = figure.time();
  };
  const tell = () => {
    show();
    status.textContent = figure.says();
  };
  const several = (n) => {
    for (let i = 0; i < n; i++) if (figure.forward() === false) return;
  };
  // Under reduced motion the picture changes at most twice a second. The query is read now, not when the page opened.
  const frame = (now) => {
    if (!playing) return;
    owed += Math.min(0.1, (now - before) / 1000) * figure.rate * speed;
    before = now;
    const until = performance.now() + FRAME_BUDGET;
    let going = true;
    for (; owed >= 1 && going && performance.now() < until; owed--) going = figure.forward() !== false;
    owed = Math.min(owed, 1);
    if (!calm.matches || now - drawn >= 500) {
      drawn = performance.now();
      show();
    }
    if (going) asked = requestAnimationFrame(frame);
    else pause();
  };
  const play = press("", () => (playing ? pause() : go()));
  // The name says what the button would do; a pressed state besides would say it twice.
  const mark = () => icon(play, playing ? "pause" : "play", playing ? "Pause (space)" : "Play (space)");
  function pause() {
    const was = playing;
    playing = false;
    cancelAnimationFrame(asked);
    mark();
    if (was) tell();
  }
  function go() {
    playing = true;
    [before, owed, drawn] = [performance.now(), 0, 0];
    mark();
    asked = requestAnimationFrame(frame);
  }
  const act = (change) => () => {
    pause();
    change();
    tell();
  };
  const acts = {
    start: act(() => figure.start()), back: act(() => figure.back(leap)), forward: act(() => several(leap)),
    step: act(() => several(1)), closer: () => figure.zoom(1.5), wider: () => figure.zoom(1 / 1.5),
  };
  const button = (name, title) => icon(press("", acts[name]), name, title);
  const bar = make("div", { className: "row", role: "group", "aria-label": "Player" },
    button("start", "To the start (Home)"), button("back", `Back ${leap} (left arrow)`), play,
    button("forward", `Forward ${leap} (Page down)`), button("step", "One step (right arrow)"),
    choice("Speed", [0.25, 0.5, 1, 2, 4].map((v) => [v, `${v}×`]), 1, (v) => { speed = v; }),
    ...(figure.zoom ? [button("closer", "Zoom in (+)"), button("wider", "Zoom out (−)")] : []), time);
  mark();
  const toggle = () => play.click();
  const keys = { " ": toggle, k: toggle, ArrowRight: acts.step, ArrowLeft: acts.back,
    Home: acts.start, PageDown: acts.forward, PageUp: acts.back,
    ...(figure.zoom ? { "+": acts.closer, "-": acts.wider } : {}) };
  addEventListener("keydown", (event) => {
    const { key, target } = event;
    // What has a use for the key itself: a list, a field, a table that scrolls.
    const own = target.closest(key === " " ? "select, input, summary, button" : "select, input, .box");
    if (!keys[key] || own || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (!event.repeat || keys[key] !== toggle) keys[key]();
  });
  const seen = new IntersectionObserver((entries) => { if (!entries.at(-1).isIntersecting) pause(); });
  seen.observe(document.body);
  document.addEventListener("visibilitychange", () => { if (document.hidden) pause(); });
  return { bar, status, pause, show, tell, playing: () => playing };
}
