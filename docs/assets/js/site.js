// Names for Material's controls, so that a screen reader can tell them apart.

function nameControls() {
  document
    .querySelector(".md-search[role=dialog]")
    ?.setAttribute("aria-label", "Search");
  for (const frame of document.querySelectorAll(".md-typeset__scrollwrap")) {
    frame.tabIndex = 0; // so that the arrow keys can move a wide table
  }
  for (const button of document.querySelectorAll("button[data-md-type=copy]")) {
    const title = button.closest(".highlight")?.querySelector(".filename");
    const name = title?.firstChild?.textContent.trim() || "code";
    button.setAttribute("aria-label", `Copy ${name}`);
    button.closest("nav")?.setAttribute("aria-label", name);
  }
}

// Material puts its buttons in place after the page, and again after each
// page that it loads without a reload: many changes, looked at once a frame.
let named = 0;
new MutationObserver(() => {
  named ||= requestAnimationFrame(() => {
    named = 0;
    nameControls();
  });
}).observe(document.body, {
  childList: true,
  subtree: true,
});
nameControls();

// Material follows links in the page by script, which leaves the focus behind.
document.addEventListener("click", (event) => {
  const skip = event.target.closest?.(".md-skip");
  const heading = skip && document.getElementById(skip.hash.slice(1));
  if (heading) {
    heading.tabIndex = -1;
    heading.focus();
  }
});

// The player is loaded where there is a timeline, at first sight of one.
window.document$?.subscribe(() => {
  if (document.querySelector("figure.timeline")) {
    import(new URL("assets/js/timeline.js", __md_scope));
  }
});
