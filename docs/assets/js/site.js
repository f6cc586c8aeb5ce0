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

// What runs a program is loaded when somebody asks for it.
const runner = () => import(new URL("assets/js/run.js", __md_scope));

function addRunButtons() {
  if (!window.WebAssembly || !window.DecompressionStream) return;
  for (const title of document.querySelectorAll(".filename[data-run]:not(:has(.run-it))")) {
    const name = title.firstChild.textContent.trim();
    const buttons = [["run-it", "▶ Run", "toggle"], ["edit-it", "Edit", "edit"]].map(([cls, text, action]) => {
      const made = document.createElement("button");
      Object.assign(made, { type: "button", className: cls, textContent: text });
      made.setAttribute("aria-label", `${text.replace("▶ ", "")} ${name}`);
      made.addEventListener("click", async () => (await runner()).program(title)[action]());
      return made;
    });
    title.querySelector(".download").before(...buttons);
  }
  for (const title of document.querySelectorAll(".filename[data-not-here]")) {
    const why = `It does not run in the browser: ${title.dataset.notHere}.`;
    const said = Object.assign(document.createElement("p"), { className: "run-not", textContent: why });
    title.closest(".highlight").after(said);
    delete title.dataset.notHere;
  }
  if (location.hash.startsWith("#run=")) {
    runner().then(({ openShared }) => openShared(location.hash));
  }
}
window.document$?.subscribe(addRunButtons);
