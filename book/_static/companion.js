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
