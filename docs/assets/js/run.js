// Run, edit and stop a program in its page; loaded when a reader first asks.

import { interpreter, prepare } from "./runtime.js";
import { Timeline } from "./timeline.js";

const PATIENCE = 1000; // ms after Stop before a program may be ended
const WHERE = /(File "[\w.]+", line (\d+))/;

const make = (tag, about = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), about);
  made.append(...children);
  return made;
};
const button = (textContent, onclick, about) => make("button", { type: "button", textContent, onclick, ...about });

// What a timeline is made of. Nothing else that an interpreter says is markup.
const ELEMENTS = new Set(
  "defs desc details div figcaption figure g li p path pattern span strong summary svg table tbody td text th thead title tr tspan ul use".split(" "),
);
const ATTRIBUTES = new Set(
  "class d dx dy height id open patternTransform patternUnits preserveAspectRatio role scope tabindex text-anchor transform viewBox width x x1 x2 y y1 y2".split(" "),
);
const INSIDE = /^#[\w-]+$|^(--\w+:(url\(#[\w-]+\)|[\d.]+);?)+$/; // of links and style

export function cleaned(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const element of body.querySelectorAll("*")) {
    if (!ELEMENTS.has(element.localName)) element.remove();
    for (const { name, value } of [...element.attributes]) {
      const known = ATTRIBUTES.has(name) || /^(aria|data)-/.test(name);
      const inside = ["xlink:href", "style"].includes(name) && INSIDE.test(value);
      if (!known && !inside) element.removeAttribute(name);
    }
  }
  return body.querySelector("figure");
}

document.head.append(make("link", { rel: "stylesheet", href: new URL("../css/run.css", import.meta.url) }));

// Folder and name, as in coroutines/calling_is_not_running.
const idOf = (link) => new URL(link.href).pathname.split("/").slice(-2).join("/").replace(/\.py$/, "");

let running; // one program at a time

class Program {
  constructor(title) {
    this.title = title;
    this.block = title.closest(".highlight");
    this.name = title.firstChild.textContent.trim();
    this.runButton = title.querySelector(".run-it");
    this.editButton = title.querySelector(".edit-it");
    this.link = title.querySelector(".download");
    this.id = idOf(this.link);
    this.bar = make("progress", { hidden: true });
    this.status = make("span", { className: "run-status" });
    this.status.setAttribute("role", "status");
    this.output = make("pre", { className: "run-output", tabIndex: 0, hidden: true });
    this.output.setAttribute("role", "log");
    this.output.setAttribute("aria-label", `Output of your run of ${this.name}`);
    this.panel = make("section", { className: "run-panel" }, make("p", {}, this.status, this.bar), this.output);
    this.panel.setAttribute("aria-label", `Your run of ${this.name}`);
    this.block.after(this.panel);
  }

  say(text, wrong = false) {
    this.status.textContent = text;
    this.panel.classList.toggle("run-wrong", wrong);
  }

  async original() {
    if (this.text === undefined) {
      const response = await fetch(this.link.href);
      if (!response.ok) throw new Error(`the server has no ${this.name} (${response.status})`);
      this.text = await response.text();
    }
    return this.text;
  }

  get busy() {
    return this.state && this.state !== "drawing";
  }

  toggle() {
    return this.busy ? this.stop() : this.run();
  }

  async run() {
    running?.end(running === this ? "" : "Ended: another program was started.");
    running = this;
    this.state = "loading";
    this.label("■ Stop");
    this.figure?.remove();
    this.output.replaceChildren();
    this.output.hidden = true;
    this.say("Starting Python");
    try {
      const text = this.editor?.text ?? (await this.original());
      const python = await interpreter((loaded, total) => this.progress(loaded, total));
      this.bar.hidden = true;
      if (running !== this || this.state !== "loading") return python.end();
      this.state = "running";
      this.output.hidden = false;
      this.begun = performance.now();
      this.say("Running");
      this.python = python;
      python.run(text, this.name, (said) => this.hear(said));
    } catch (error) {
      this.end(`Python could not be started: ${error.message}.`, true);
    }
  }

  progress(loaded, total) {
    if (this.state !== "loading") return;
    const mb = (bytes) => (bytes / 1e6).toFixed(1);
    Object.assign(this.bar, { hidden: false, max: total, value: loaded });
    this.bar.setAttribute("aria-label", `${mb(loaded)} of ${mb(total)} MB`);
    if (loaded < total) this.say(`Loading Python, ${mb(total)} MB, this once`);
  }

  label(text) {
    this.runButton.textContent = text;
    this.runButton.setAttribute("aria-label", `${text.slice(2)} ${this.name}`);
  }

  hear({ type, ...said }) {
    const act = {
      text: () => this.write(said.text, said.stream),
      note: () => this.write(`${said.text}\n`, "note"),
      end: () => this.ended(said.status),
      timeline: () => this.draw(said.html),
      done: () => this.end(),
      crash: () => this.end(`Python itself broke down: ${said.text}. The next run starts anew.`, true),
    };
    act[type]?.();
  }

  // Output, a line in an element; once a frame, so that a flood stays smooth.
  write(text, stream) {
    this.queue ??= [];
    this.queue.push([text, stream]);
    if (this.queue.length > 1) return;
    requestAnimationFrame(() => this.flush());
  }

  flush() {
    const { output } = this;
    const low = output.scrollHeight - output.scrollTop - output.clientHeight < 30;
    for (const [text, stream] of this.queue ?? []) {
      for (const piece of text.split(/(?<=\n)/)) {
        let line = output.lastElementChild;
        if (!line || line.dataset.stream !== stream || line.textContent.endsWith("\n")) {
          line = make("span");
          line.dataset.stream = stream;
          output.append(line);
        }
        const [before, where, number, after] = stream === "err" ? piece.split(WHERE) : [piece];
        line.append(before);
        if (where?.includes(`"${this.name}"`)) {
          line.append(button(where, () => this.goTo(+number), { className: "run-line" }), after);
        } else if (where) {
          line.append(where, after);
        }
      }
    }
    this.queue = undefined;
    if (low) output.scrollTop = output.scrollHeight;
  }

  ended(status) {
    const seconds = ((performance.now() - this.begun) / 1000).toFixed(1);
    const how = { 0: "Done", 130: "Ended by Ctrl-C" }[status] ?? `Ended with exit status ${status}`;
    this.say(`${how}, after ${seconds} s, on Python 3.14 in this browser.`, status !== 0);
    this.state = "drawing";
    this.label("▶ Run");
  }

  draw(html) {
    const figure = cleaned(html);
    if (!figure) return;
    this.flush();
    this.figure = make("div", { className: "run-timeline" }, figure);
    this.panel.append(this.figure);
    figure.dataset.live = "";
    const output = [...this.output.querySelectorAll("[data-stream=out]")];
    new Timeline(figure, { code: this.editor, output });
  }

  // A Ctrl-C first. If the program goes on, another press ends it.
  stop() {
    if (this.state !== "running") return this.end("Stopped.");
    if (this.asked) return this.end("Ended by force: it did not react to Ctrl-C.", true);
    this.asked = true;
    this.python.stop();
    this.say("Ctrl-C: the program may clean up");
    this.timer = setTimeout(() => {
      this.say("It has not ended. Press again to end it by force.");
      this.label("■ End");
    }, PATIENCE);
  }

  end(text, wrong = false) {
    clearTimeout(this.timer);
    this.flush();
    this.bar.hidden = true;
    if (text) this.say(text, wrong);
    this.python?.end();
    this.python = this.state = this.asked = undefined;
    if (running === this) running = undefined;
    this.label("▶ Run");
    setTimeout(() => prepare().catch(() => {}), 100);
  }

  // Open the editor, or close it.
  async edit() {
    if (this.editor) return this.closeEditor();
    try {
      await (this.opening ??= this.openEditor());
    } catch (error) {
      this.say(`The editor could not be opened: ${error.message}.`, true);
    }
    this.opening = undefined;
  }

  async openEditor() {
    const text = this.given ?? (await this.original());
    const { createEditor } = await import(new URL("../run/editor.js", import.meta.url));
    const parent = make("div", { className: "run-editor" });
    this.resetButton = button("Reset", () => this.reset(), { hidden: text === (await this.original()) });
    const share = button("Share", () => this.share());
    const hint = make("span", { textContent: "Ctrl-Enter runs it. Esc, then Tab, leaves the editor." });
    this.tools = make("div", { className: "run-tools" }, this.resetButton, share, hint);
    this.block.classList.add("run-edited");
    this.block.append(parent, this.tools);
    this.editor = createEditor({
      parent,
      text,
      label: `Editor of ${this.name}`,
      onChange: () => (this.resetButton.hidden = this.editor.text === this.text),
      onRun: () => this.busy || this.run(),
    });
    this.editButton.setAttribute("aria-expanded", "true");
    this.editor.focus();
  }

  closeEditor() {
    this.given = this.editor.text;
    this.editor.destroy();
    this.editor = undefined;
    this.block.querySelector(".run-editor").remove();
    this.tools.remove();
    this.block.classList.remove("run-edited");
    this.editButton.setAttribute("aria-expanded", "false");
  }

  async goTo(number) {
    if (!this.editor) await this.edit();
    this.editor.goTo(number);
  }

  // Another program in the place of this one; `url` is empty for none.
  async change(name, url) {
    this.end();
    this.name = this.title.firstChild.data = name;
    Object.assign(this.link, { href: url, hidden: !url });
    this.text = url ? undefined : "";
    this.given = await this.original();
    if (this.editor) this.reset();
    else await this.edit();
  }

  reset() {
    this.editor.text = this.text;
    this.editor.focus();
  }

  async share() {
    const url = new URL(location);
    url.hash = `run=${this.id}&text=${await packed(this.editor.text)}`;
    history.replaceState(history.state, "", url);
    try {
      await navigator.clipboard.writeText(url);
      this.say("A link with your text is on the clipboard.");
    } catch {
      this.say("The link with your text is in the address bar.");
    }
  }
}

// A text in an address: compressed, in letters that need no escape.
const through = (bytes, stream) => new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer();

async function packed(text) {
  const bytes = new Uint8Array(await through(text, new CompressionStream("deflate-raw")));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  return new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw")));
}

const programs = new WeakMap();

export function program(title) {
  if (!programs.has(title)) programs.set(title, new Program(title));
  return programs.get(title);
}

// A link that carries a text opens the editor with it, and runs nothing.
export async function openShared(hash) {
  const shared = new URLSearchParams(hash.slice(1));
  const links = [...document.querySelectorAll(".run-it ~ .download")];
  const title = links.find((link) => idOf(link) === shared.get("run"))?.parentElement;
  if (!title) return;
  const opened = program(title);
  try {
    opened.given = await unpacked(shared.get("text"));
  } catch {
    opened.say("The link is damaged: this is the program as it is published.", true);
    return;
  }
  await opened.edit();
  opened.say("This text came with the link. Read it before you run it.");
  opened.block.scrollIntoView();
}

// The page of the playground: an open editor, and a choice of what is in it.
export async function playground(place) {
  const mine = program(document.querySelector(".run-it").parentElement);
  const index = new URL("../index.json", mine.link.href);
  const pages = await (await fetch(index)).json();
  const option = (value, textContent) => make("option", { value, textContent });
  const select = make("select", {}, option(mine.id, "this program"), option("", "an empty editor"));
  for (const { page, programs } of pages) {
    const options = programs.map((id) => option(id, `${id.split("/")[1]}.py`));
    select.append(make("optgroup", { label: page }, ...options));
  }
  select.addEventListener("change", () => {
    const id = select.value;
    const name = id ? `${id.split("/")[1]}.py` : "program.py";
    mine.change(name, id && new URL(`${id}.py`, index).href);
  });
  place.replaceChildren(make("label", { className: "run-start" }, "Start from ", select));
  if (!location.hash.startsWith("#run=")) await mine.edit();
}

// Material swaps pages without a reload: a program ends with its page.
window.document$?.subscribe(() => {
  if (running && !running.block.isConnected) running.end();
});
