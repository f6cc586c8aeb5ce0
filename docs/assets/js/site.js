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

function nameRunButtons() {
  for (const button of document.querySelectorAll(".run-it, .edit-it")) {
    const act = button.textContent.replace(/^\W+/, "");
    button.setAttribute("aria-label", `${act} ${button.parentElement.firstChild.textContent}`);
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

// Material's search listens to keys, and so does not see what a mouse pastes.
document.addEventListener("paste", ({ target }) => {
  if (!target.matches?.("[data-md-component=search-query]")) return;
  setTimeout(() => target.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true })));
});

// The player is loaded where there is a timeline, at first sight of one.
window.document$?.subscribe(() => {
  if (document.querySelector("figure.timeline")) {
    import(new URL("assets/js/timeline.js", __md_scope));
  }
});

// What runs a program is loaded when somebody asks for it.
const runner = () => import(new URL("assets/js/run.js", __md_scope));
const able = window.WebAssembly && window.DecompressionStream;
document.documentElement.classList.toggle("cannot-run", !able);

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.(".run-it, .edit-it");
  if (!button) return;
  const program = (await runner()).program(button.parentElement);
  if (button.matches(".run-it")) program.toggle();
  else program.edit();
});

window.document$?.subscribe(async () => {
  nameRunButtons();
  if (!able || !document.querySelector(".run-it")) return;
  const place = document.querySelector("[data-playground]:empty");
  if (place) (await runner()).playground(place);
  if (location.hash.startsWith("#run=")) (await runner()).openShared(location.hash);
});
