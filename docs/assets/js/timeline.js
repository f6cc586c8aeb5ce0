// The player of a timeline: a figure that draw_timeline.py has made. It ties
// the marks of the picture to the lines of the program in front of it, and
// goes through the run: who is on the CPU, who is ready, who waits, what was
// printed. Without it the picture, its legend and its table are all there.

const BOXES = ["On the CPU", "Ready, in turn", "Waiting", "Printed so far"];
const SECONDS = 10; // that a run plays, however long it took
const MANY = 6; // lines in a box
const MOST = 400; // stops, above which lines of code are none

const make = (tag, cls = "", text = "") =>
  Object.assign(document.createElement(tag), { className: cls, textContent: text });

const between = (knots, from, to, at) => {
  const i = knots.findIndex((knot) => knot[from] >= at);
  if (i <= 0) return knots.at(i)[to];
  const [a, b] = [knots[i - 1], knots[i]];
  return a[to] + ((b[to] - a[to]) * (at - a[from])) / (b[from] - a[from]);
};

// Into view within its own frame: the page stays where it is.
function reveal(line) {
  for (let frame = line.parentElement; frame && !frame.matches(".highlight"); frame = frame.parentElement) {
    const [box, view] = [line.getBoundingClientRect(), frame.getBoundingClientRect()];
    if (frame.scrollHeight <= frame.clientHeight) continue;
    if (box.top < view.top) frame.scrollTop += box.top - view.top - 30;
    if (box.bottom > view.bottom) frame.scrollTop += box.bottom - view.bottom + 30;
  }
}

// The lines of a program in the page, as a timeline shows things in them. An
// editor can take the place of one: it has a `show` of its own.
class Lines {
  constructor(block) {
    this.lines = [...(block?.querySelectorAll("code > span[id^=__span-]") ?? [])];
  }

  // Light the lines with these numbers, and put dots: [number, element] of each.
  show(lit, dots = []) {
    this.lines.forEach((line, i) => {
      line.classList.toggle("timeline-line", lit.includes(i + 1));
      for (const dot of line.querySelectorAll(".timeline-dot")) dot.remove();
    });
    for (const [n, dot] of dots) {
      const line = this.lines[n - 1];
      const end = line?.lastChild;
      const newline = end?.nodeType === 3 && end.length > 1 && end.data.endsWith("\n") ? end.splitText(end.length - 1) : end;
      line?.insertBefore(dot, newline);
    }
    if (lit.length && this.lines[lit[0] - 1]) reveal(this.lines[lit.at(-1) - 1] ?? this.lines[lit[0] - 1]);
  }
}

export class Timeline {
  // `code` and `output` where they are not the blocks in front of the figure:
  // something with a `show` as of Lines, and the elements of printed lines.
  constructor(figure, { code, output } = {}) {
    this.figure = figure;
    this.pictures = [...figure.querySelectorAll(".timeline-frame > svg:not(.timeline-names)")]; // bands unfold in others
    this.picture = this.pictures[0];
    this.knots = this.picture.dataset.knots.split(" ").map((knot) => knot.split(",").map(Number));
    [this.first, this.left] = this.knots[0];
    [this.last, this.right] = this.knots.at(-1);
    this.findCode();
    this.code = code ?? this.code;
    this.output = output ?? this.output;
    this.tieMarks();
    this.addControls();
  }

  // The program and its output: blocks in front of the figure, found by title.
  findCode() {
    const before = [...document.querySelectorAll(".highlight")].filter(
      (block) => block.compareDocumentPosition(this.figure) & Node.DOCUMENT_POSITION_FOLLOWING,
    );
    const title = (block) => block.querySelector(".filename")?.firstChild?.textContent.trim();
    const at = before.findLastIndex((block) => title(block) === this.figure.dataset.script);
    const rest = at < 0 ? [] : before.slice(at + 1);
    this.code = new Lines(before[at]);
    before[at]?.classList.add("timeline-code");
    this.output = new Lines(rest.find((block) => block.matches(".language-text"))).lines;
  }

  // Point at a mark or reach it by keyboard: its lines light up; and back.
  tieMarks() {
    const code = this.code.lines ?? [];
    const numbers = (mark) => mark.dataset.lines.split(" ").map(Number);
    const marks = [...this.picture.querySelectorAll("[data-lines]")];
    const lit = (at) => {
      this.code.show(at ? numbers(at) : []);
    };
    const meant = (line) => {
      const n = code.indexOf(line) + 1;
      for (const mark of marks) mark.classList.toggle("timeline-mark", n > 0 && numbers(mark).includes(n));
    };
    for (const mark of marks) {
      mark.setAttribute("role", "img");
      mark.setAttribute("aria-label", mark.querySelector("title").textContent);
    }
    this.picture.setAttribute("role", "group");
    this.rove(this.picture, marks, lit);
    if (marks.length) this.picture.parentElement.removeAttribute("tabindex");
    this.picture.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.dataset.lines) return;
      this.go(between(this.knots, 1, 0, event.target.getBBox().x + 0.2));
    });
    for (const svg of this.pictures) {
      svg.addEventListener("click", (event) => {
        const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
        if (at.x >= this.left) this.go(between(this.knots, 1, 0, at.x));
      });
    }
    const used = new Set(marks.flatMap(numbers));
    const lines = code.filter((_, i) => used.has(i + 1));
    if (lines.length) this.rove(lines[0].parentElement, lines, meant);
  }

  // One stop for Tab, arrow keys from each to the nearest in their direction.
  rove(frame, items, point) {
    const over = (event) => items.find((item) => item.contains(event.target));
    items.forEach((item, i) => item.setAttribute("tabindex", i ? -1 : 0));
    for (const kind of ["pointerover", "focusin"]) frame.addEventListener(kind, (event) => point(over(event)));
    for (const kind of ["pointerleave", "focusout"]) frame.addEventListener(kind, () => point());
    frame.addEventListener("keydown", (event) => {
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
      const from = over(event)?.getBoundingClientRect();
      if (!from || dx === undefined) return;
      const middle = (box) => [box.left + box.width / 2, box.top + box.height / 2];
      const [x, y] = middle(from);
      const ranked = items
        .map((item) => [item, ...middle(item.getBoundingClientRect())])
        .map(([item, a, b]) => [item, (a - x) * dx + (b - y) * dy, Math.abs((a - x) * dy) + Math.abs((b - y) * dx) * 20])
        .filter(([, ahead]) => ahead > (dy ? 10 : 0.5))
        .sort((a, b) => a[1] * (dy ? 20 : 1) + a[2] - b[1] * (dy ? 20 : 1) - b[2]);
      if (!ranked.length) return;
      over(event).setAttribute("tabindex", -1);
      ranked[0][0].setAttribute("tabindex", 0);
      ranked[0][0].focus({ preventScroll: frame.matches("code") });
      event.preventDefault();
    });
  }

  addControls() {
    const button = (cls, name, text, action) => {
      const made = make("button", cls, text);
      made.type = "button";
      if (name) made.setAttribute("aria-label", name);
      made.addEventListener("click", action);
      return made;
    };
    this.play = button("play", "", "▶ Play", () => (this.playing ? this.pause() : this.run()));
    this.close = button("", "Close", "✕", () => this.leave());
    this.slide = make("input");
    Object.assign(this.slide, { type: "range", min: this.left, max: this.right, step: "any", value: this.left });
    this.slide.setAttribute("aria-label", "Time in the run");
    this.slide.setAttribute("aria-valuetext", "not started");
    this.slide.addEventListener("input", () => this.go(between(this.knots, 1, 0, +this.slide.value)));
    this.slide.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
      const end = { Home: this.first, End: this.last }[event.key];
      if (by === undefined && end === undefined) return;
      event.preventDefault();
      by ? this.step(by) : this.go(end);
    });
    this.clock = make("time");
    const bar = make("div", "timeline-player");
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", `Player of ${this.figure.dataset.script}`);
    bar.append(
      this.play,
      button("", "Step back", "◂", () => this.step(-1)),
      button("", "Step forward", "▸", () => this.step(1)),
      this.slide,
      this.clock,
      this.close,
    );
    bar.addEventListener("keydown", (event) => event.key === "Escape" && this.leave());
    this.now = make("p", "timeline-now");
    this.now.setAttribute("role", "status");
    this.panel = make("div", "timeline-boxes");
    this.boxes = BOXES.map((title) => {
      const [box, list] = [make("div"), make("ul", "timeline-list")];
      box.append(make("strong", "", title), list);
      this.panel.append(box);
      return list;
    });
    this.picture.parentElement.after(bar, this.now, this.panel);
    this.leave();
  }

  // The recording, when it is needed first; all about it that does not change.
  load() {
    Object.assign(this, JSON.parse(this.figure.dataset.recording));
    let t = 0;
    for (const event of this.events) {
      event.t = t += event.after;
      for (const line of event.lines ?? []) line[1] += t;
    }
    this.readBands();
    const at = this.events.filter((event) => event.t >= this.first).map((event) => event.t);
    at.push(...this.changes);
    const lines = this.events.flatMap((event) => event.lines ?? []).map(([, t]) => t);
    if (at.length + lines.length < MOST) at.push(...lines);
    this.stops = [...new Set([this.first, ...at])].filter((t) => t <= this.last).sort((a, b) => a - b);
    let shown = 0;
    for (const event of this.events.filter(({ ev, stream }) => ev === "print" && stream !== "err")) {
      const i = this.output.findIndex((line, n) => n >= shown && line.textContent.trimEnd() === event.text.trimEnd());
      shown = event.shows = (i < 0 ? shown : i) + 1;
    }
  }

  // How many tasks of a band are in which state: its areas lie one above the
  // other, so that a path is a row of widths in pixels and of tasks more or less.
  readBands() {
    this.bands = new Map();
    this.changes = new Set();
    for (const { dataset, attributes } of this.picture.querySelectorAll("[data-band]")) {
      const [who, ...state] = dataset.band.split(" ");
      const path = attributes.d.value;
      let [x, n] = [parseInt(path.slice(1), 10), 0];
      const steps = [...path.matchAll(/h(\d+)v(-?\d+)/g)].map(([, right, up]) => [(x += +right), (n += +up)]);
      for (const [x] of steps) this.changes.add(between(this.knots, 1, 0, x));
      this.bands.set(who, [[state.join(" "), steps], ...(this.bands.get(who) ?? [])]);
    }
  }

  // The tasks of bands: which, in which state, how many.
  crowd(x) {
    return [...this.bands].flatMap(([who, areas]) => {
      let below = 0;
      return areas.map(([state, steps]) => {
        const sum = steps.findLast(([from]) => from <= x)?.[1] ?? 0;
        const n = sum - below;
        below = sum;
        return { who, state, n };
      });
    }).filter(({ n }) => n);
  }

  go(t, speak = true) {
    if (speak) this.pause();
    if (!this.events) this.load();
    this.t = Math.min(this.last, Math.max(this.first, t));
    this.show();
  }

  step(by) {
    if (this.t === undefined) return this.go(this.first);
    const here = this.stops.findLastIndex((stop) => stop <= this.t);
    const on = here + by + (by < 0 && this.stops[here] < this.t ? 1 : 0);
    this.go(this.stops[Math.min(this.stops.length - 1, Math.max(0, on))]);
  }

  run() {
    this.go(this.t === undefined || this.t >= this.last ? this.first : this.t);
    this.now.setAttribute("aria-live", "off");
    this.play.textContent = "❚❚ Pause";
    const steps = matchMedia("(prefers-reduced-motion: reduce)").matches;
    let [x, last] = [between(this.knots, 0, 1, this.t), performance.now()];
    const tick = (now) => {
      if (!this.figure.isConnected) return;
      x += ((now - last) * (this.right - this.left)) / SECONDS / 1000;
      last = now;
      const next = steps ? this.stops.find((stop) => stop > this.t) : between(this.knots, 1, 0, x);
      this.go(x >= this.right || next === undefined ? this.last : next, false);
      if (this.t >= this.last) this.pause();
      else again();
    };
    const again = () => {
      this.playing = steps ? setTimeout(tick, 800, 0) : requestAnimationFrame(tick);
    };
    again();
  }

  pause() {
    cancelAnimationFrame(this.playing);
    clearTimeout(this.playing);
    this.playing = undefined;
    this.play.textContent = "▶ Play";
    this.now.setAttribute("aria-live", "polite");
  }

  // Out of use: the picture, the program and its output are whole again.
  leave() {
    this.pause();
    this.t = this.drawn = undefined;
    for (const part of [this.panel, this.now, this.close]) part.hidden = true;
    this.slide.value = this.left;
    this.slide.setAttribute("aria-valuetext", "not started");
    this.clock.textContent = "";
    this.code.show([]);
    for (const line of this.output) line.classList.remove("timeline-later");
    for (const svg of this.pictures) svg.querySelector(".timeline-head")?.remove();
  }

  show() {
    for (const part of [this.panel, this.now, this.close]) part.hidden = false;
    const x = between(this.knots, 0, 1, this.t);
    for (const svg of this.pictures) {
      let head = svg.querySelector(".timeline-head");
      if (!head) {
        head = document.createElementNS("http://www.w3.org/2000/svg", "path");
        head.setAttribute("class", "timeline-head");
        head.setAttribute("d", `M0 ${svg === this.picture ? 18 : 0}V${svg.viewBox.baseVal.height}`);
        svg.append(head);
      }
      head.setAttribute("transform", `translate(${x} 0)`);
      const frame = svg.parentElement;
      const scale = svg.clientWidth / svg.viewBox.baseVal.width;
      const [low, high] = [(x - this.left) * scale - 20, x * scale + 40 - frame.clientWidth];
      frame.scrollLeft = Math.max(high, Math.min(low, frame.scrollLeft));
    }
    this.slide.value = x;
    this.clock.textContent = `${((this.t - this.first) / 1000).toFixed(1)} ms`;
    const n = this.events.findLastIndex((event) => event.t <= this.t);
    const running = this.events.slice(0, n + 1).findLast((event) => event.ev === "run" && event.lines);
    const line = running?.lines.findLast(([, t]) => t <= this.t);
    const crowd = this.crowd(Math.round(x * 10) / 10);
    const key = JSON.stringify([n, line, crowd]);
    if (key !== this.drawn) this.draw(n, line?.[1] === this.t ? line[0] : 0, crowd);
    this.drawn = key;
    this.slide.setAttribute("aria-valuetext", `${this.clock.textContent}: ${this.now.textContent}`);
  }

  // What holds after the first n + 1 events.
  draw(n, fresh, crowd) {
    const states = new Map();
    const printed = [];
    let shown = 0;
    for (const event of this.events.slice(0, n + 1)) {
      const { who, ev } = event;
      if (ev === "print") printed.push(event);
      if (event.shows) shown = event.shows;
      if (["print", "cancel"].includes(ev)) continue;
      const old = states.get(who);
      if (ev === "ready" && old?.ev === "create") continue;
      states.delete(who); // so that the map keeps the order of turns
      if (!["end", "lost"].includes(ev)) states.set(who, event);
    }
    const name = (who) => this.tasks[who]?.[0] ?? { main: "the script", loop: "the event loop" }[who] ?? who;
    const colour = (who) => this.tasks[who]?.[1] ?? "";
    const item = (who, text, more = "") => {
      const made = make("li");
      made.append(make("i", `timeline-dot ${colour(who)}`), text, make("span", "", more));
      return made;
    };
    const fill = (i, items, none) => {
      const rest = items.length > MANY ? [make("li", "", `and ${items.length - MANY} more`)] : [];
      const shown = i === 3 ? [...rest, ...items.slice(-MANY)] : [...items.slice(0, MANY), ...rest];
      this.boxes[i].replaceChildren(...(items.length ? shown : [make("li", "", none)]));
    };
    const having = (...evs) => [...states].filter(([, event]) => evs.includes(event.ev));
    const jobs = (who, event) => (event.label ? ` ${event.label}(), in a thread` : "");
    const of = (state) => crowd.filter((some) => some.state === state).map(({ who, n }) => item(who, `${n} ${name(who)}`));
    const on = crowd.filter(({ state }) => state === "running").map(({ who }) => item(who, name(who)));
    fill(0, [...having("run").map(([who, event]) => item(who, name(who), jobs(who, event))), ...on], this.t > this.first ? "nobody" : "nobody yet");
    fill(1, [...having("create", "ready").map(([who]) => item(who, name(who))), ...of("ready")], "nobody");
    let waits = having("wait", "pause").map(([who, event]) => item(who, name(who), ` for ${event.label ?? "its child"}`));
    if (waits.length > MANY) {
      const alike = Map.groupBy(having("wait", "pause"), ([, event]) => event.label ?? "a child");
      waits = [...alike].map(([label, { length }]) => make("li", "", `${length} for ${label}`));
    }
    const waiting = crowd.filter(({ state }) => !["running", "ready"].includes(state));
    waits.push(...waiting.map(({ who, state, n }) => item(who, `${n} ${name(who)}`, ` for ${state}`)));
    fill(2, waits, "nobody");
    fill(3, printed.map(({ who, text }) => item(who, text)), "nothing yet");

    const [lit, dots] = [[], []];
    for (const [who, event] of states) {
      const ran = (event.lines ?? []).findLast(([, t]) => t <= this.t)?.[0];
      const line = ran ?? (event.ev === "wait" ? event.line : 0);
      if (!line) continue;
      dots.push([line, make("i", `timeline-dot ${colour(who)} ${ran ? "runs" : "waits"}`)]);
      dots.at(-1)[1].title = name(who);
      if (ran) lit.push(line);
    }
    this.code.show(lit, dots);
    this.output.forEach((line, i) => line.classList.toggle("timeline-later", i >= shown && this.t < this.last));

    const words = {
      create: ({ who, by }) => `${name(by)} creates ${name(who)}`,
      ready: ({ who, by }) => `${by?.startsWith("time") || by === "socket" ? `a ${by}` : name(by)} wakes ${name(who)}`,
      run: ({ who, by, label }) => (label ? `${who} runs ${label}() for ${name(by)}` : `${name(who)} runs`),
      wait: ({ who, label, line }) => `${name(who)} waits for ${label}${line ? `, line ${line}` : ""}`,
      pause: ({ who }) => `${name(who)} stands aside for an eager task`,
      cancel: ({ who, by }) => `${name(by)} calls cancel() on ${name(who)}`,
      end: ({ who, how, label }) => `${name(who)} ${label ? `is done with ${label}()` : how === "cancelled" ? "was cancelled" : how}`,
      lost: ({ who }) => `${name(who)} never ended`,
      print: ({ who, text }) => `${name(who)} prints: ${text}`,
    };
    const t = this.events[n]?.t;
    const said = this.events.filter((event) => event.t === t).map((event) => words[event.ev](event));
    const runs = having("run").find(([who]) => this.tasks[who]);
    if (t !== this.t && this.changes.has(this.t) && crowd.length) {
      said.splice(0, said.length, ...crowd.map(({ who, state, n }) => `${n} ${name(who)}: ${state}`));
    }
    if (fresh && runs && t !== this.t) said.splice(0, said.length, `${name(runs[0])} runs line ${fresh}`);
    this.now.textContent = said.join("; ") || "nothing has happened yet";
  }
}

// One at a time, while the browser has nothing else to do. (Safari does not say.)
const whenIdle = window.requestIdleCallback ?? setTimeout;

function start() {
  for (const figure of document.querySelectorAll("figure.timeline:not([data-live])")) {
    figure.dataset.live = "";
    whenIdle(() => new Timeline(figure));
  }
}

// Material loads the next page without a reload, and says so here.
if (window.document$) window.document$.subscribe(start);
else start();
