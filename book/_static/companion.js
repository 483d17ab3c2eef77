// What the theme (sphinx-book-theme 1.3.0) leaves open for screen readers, keyboards and paper.
const all = (selector, change) => document.querySelectorAll(selector).forEach(change);

function names() {
  all("#pst-primary-sidebar", (bar) => {
    bar.setAttribute("role", "complementary");
    bar.setAttribute("aria-label", "Book");
  });
  // The bibliography is a list of paragraphs; docutils' citation roles are deprecated or lack their parents.
  all('[role="list"].citation-list, .citation-list [role], .citation-list', (el) => el.removeAttribute("role"));
  all('[role="doc-biblioentry"], [role="doc-backlink"]', (el) => el.removeAttribute("role"));
  // "Toggle hidden content" would replace the words on the summary itself.
  all(".bd-article details > summary[aria-label]", (el) => el.removeAttribute("aria-label"));
  all("summary:has(> .toctree-toggle)", (el) => {
    el.setAttribute("aria-label", `Show or hide: ${el.closest("li").querySelector("a").textContent.trim()}`);
  });
  all("button.toggle-button", (button) => {
    const title = button.closest(".admonition")?.querySelector(".admonition-title")?.textContent.trim();
    if (title) button.setAttribute("aria-label", `Show or hide: ${title}`);
  });
}

// What scrolls sideways can be reached with the keyboard.
function scrollers() {
  all('mjx-container[display="true"], .bd-article pre, .cell_output .output', (el) => {
    if (el.scrollWidth > el.clientWidth + 1) el.tabIndex = 0;
  });
}

window.addEventListener("DOMContentLoaded", names);
window.addEventListener("load", async () => {
  names();
  await window.MathJax?.startup?.promise;
  scrollers();
});
window.addEventListener("resize", scrollers);
window.addEventListener("beforeprint", () => all("details", (el) => { el.open = true; }));

// Live figures are sandboxed frames, which see nothing of this page; their side is ganlib/figures/js/page.js. A
// frame says hello, its height, and the state its link should hold; it is told the theme, its own address and the
// state in this page's address, "#id?state". A new theme sends no state: that would undo what the reader did since.
const LIVE = "figure.live iframe";

const asked = () => /^#([a-z][a-z0-9-]*)\?(.*)$/.exec(window.location.hash) ?? [];

function inform(frame, withState) {
  const { id } = frame.closest("figure");
  const [, wanted, state] = asked();
  frame.contentWindow.postMessage({
    ganlib: true,
    theme: document.documentElement.dataset.theme,
    link: `${window.location.href.split("#")[0]}#${id}`,
    ...(withState && wanted === id ? { state } : {}),
  }, "*");
}

// The browser itself finds no element whose id is "id?state".
function seek() {
  const [, wanted] = asked();
  if (wanted) document.querySelector(`figure.live#${wanted}`)?.scrollIntoView();
}

window.addEventListener("message", ({ data, source }) => {
  const frame = [...document.querySelectorAll(LIVE)].find((one) => one.contentWindow === source);
  if (!frame || !data?.ganlib) return;
  if (data.hello) {
    // A picture with a filter, as in the dark theme, would be painted over a frame that is not positioned.
    frame.style.position = "relative";
    inform(frame, true);
  }
  if (Number.isFinite(data.height)) frame.style.height = `${Math.min(3000, Math.max(200, data.height))}px`;
  if (typeof data.state === "string")
    window.history.replaceState(window.history.state, "", `#${frame.closest("figure").id}?${data.state}`);
});
window.addEventListener("load", seek);
window.addEventListener("hashchange", () => {
  seek();
  all(LIVE, (frame) => inform(frame, true));
});
new MutationObserver(() => all(LIVE, (frame) => inform(frame, false)))
  .observe(document.documentElement, { attributeFilter: ["data-theme"] });
