// One Python interpreter in a worker, for one run of one program. While Python
// runs the worker is blocked: what it says leaves by the port, and Stop comes
// in by a blob that the frame revokes, so that asking for it fails. This needs
// no header of the web server.

const SLICE = 50; // ms between two looks for Stop
const SWITCH = 5; // ms that a thread runs while others want to
const OUTPUT = 400_000; // bytes; then the program is stopped
const HEAP = 512 * 2 ** 20; // bytes
const PAGE = 65_536; // bytes of WebAssembly memory

// SharedArrayBuffer is hidden without headers; shared WebAssembly memory is not.
const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const cell = new Int32Array(memory.buffer);

let port, bell, looked = 0, stopped = false;

// Whether the reader has pressed Stop since this said so last.
function stop() {
  if (bell && performance.now() - looked >= SLICE) {
    looked = performance.now();
    try {
      const request = new XMLHttpRequest();
      request.open("GET", bell, false);
      request.send();
    } catch {
      bell = undefined;
      stopped = true;
    }
  }
  const was = stopped;
  stopped = false;
  return was;
}

// Sleep without using the processor; true if Stop ended it.
function sleep(ms) {
  const end = performance.now() + ms;
  for (;;) {
    if (stop()) return true;
    const left = end - performance.now();
    if (left <= 0) return false;
    Atomics.wait(cell, 0, 0, Math.min(left, SLICE));
  }
}

// Threads: each has a stack of its own, and all take turns.
let threads = 0, switched = 0, sleepers = new Set();
const turns = [];
const channel = new MessageChannel();
channel.port1.onmessage = () => turns.shift()();
const soon = (action) => {
  turns.push(action);
  channel.port2.postMessage(0);
};
// In objects: of a promise itself Python would make a future of a loop.
const turn = () => ({ promise: new Promise((resolve) => soon(() => resolve(stop()))) });
const until = (ms) => ({
  promise: new Promise((resolve) => {
    const awake = () => {
      clearTimeout(timer);
      sleepers.delete(awake);
      soon(() => resolve(stop()));
    };
    const timer = setTimeout(awake, Math.min(ms, SLICE));
    sleepers.add(awake);
  }),
});
const wake = () => [...sleepers].forEach((awake) => awake());
const spawn = (thread) => {
  threads += 1;
  soon(() => thread().finally(() => (threads -= 1)));
};

// Python looks here between bytecodes: 0, or the number of a signal.
const SIGINT = 2, SIGUSR1 = 10;
let looks = 0;
const interrupts = {
  get 0() {
    if (++looks & 127) return 0;
    if (stop()) return SIGINT;
    if (!threads || performance.now() - switched < SWITCH) return 0;
    switched = performance.now();
    return SIGUSR1;
  },
  set 0(_) {},
};

// What is too big fails as on a full machine: with a MemoryError.
const grow = WebAssembly.Memory.prototype.grow;
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength + pages * PAGE > HEAP) throw new RangeError();
  return grow.call(this, pages);
};

const say = (type, more) => port.postMessage({ type, ...more });

let written = 0;
function stream(name) {
  const decoder = new TextDecoder();
  return {
    write(bytes) {
      if (written > OUTPUT) return bytes.length;
      written += bytes.length;
      say("text", { stream: name, text: decoder.decode(bytes, { stream: true }) });
      if (written > OUTPUT) {
        say("note", { text: `It has written ${OUTPUT / 1000} kB: the rest is not shown, and it gets a Ctrl-C.` });
        stopped = true;
      }
      return bytes.length;
    },
  };
}

async function boot({ files, wasm, snapshot, prefix }) {
  const url = (name) => URL.createObjectURL(new Blob([files[name]], { type: "text/javascript" }));
  const { loadPyodide } = await import(url("pyodide.mjs"));
  const { default: create } = await import(url("pyodide.asm.mjs"));
  // How this engine calls functions is noted in the memory before the snapshot
  // takes its place.
  let note, trampoline;
  const createPyodideModule = async (settings) => {
    const module = await create(settings);
    note = (module.__PyRuntime + module.HEAP32[module.__PyEM_EMSCRIPTEN_TRAMPOLINE_OFFSET / 4]) / 4;
    trampoline = module.HEAP32[note];
    return module;
  };
  // It asks for its files by fetch; they are here.
  self.fetch = async (request) => new Response(files[String(request).split("/").at(-1)]);
  WebAssembly.instantiateStreaming = async (_, imports) => {
    const instance = await WebAssembly.instantiate(wasm, imports);
    const { memory } = instance.exports;
    memory.grow(Math.max(0, Math.floor((snapshot.byteLength - memory.buffer.byteLength) / PAGE)));
    return { instance, module: wasm };
  };
  const python = await loadPyodide({
    ...JSON.parse(new TextDecoder().decode(files["options.json"])),
    createPyodideModule,
    jsglobals: {},
    _loadSnapshot: snapshot,
    fsInit: (fs) => fs.writeFile("/lib/site.zip", new Uint8Array(files["site.zip"])),
  });
  delete self.fetch;
  python._module.HEAP32[note] = trampoline;
  python.setStdin({
    stdin() {
      say("note", { text: "Nothing can be typed here: input() finds the end of the file." });
      return null;
    },
  });
  python.setStdout(stream("out"));
  python.setStderr(stream("err"));
  python.setInterruptBuffer(interrupts);
  const switches = Boolean(WebAssembly.Suspending);
  const worker = { sleep, turn, until, wake, spawn, prefix, switches };
  worker.note = (text) => say("note", { text });
  worker.ended = (status) => say("end", { status });
  worker.timeline = (html) => say("timeline", { html });
  python.pyimport("browser_os").start(worker);
  return python;
}

self.onmessage = async ({ data }) => {
  ({ port, bell } = data);
  try {
    const python = await boot(data);
    const { run } = python.pyimport("browser_os.script");
    port.onmessage = async ({ data: { text, name } }) => {
      try {
        await (WebAssembly.Suspending ? run.callPromising(text, name) : run(text, name));
        say("done");
      } catch (error) {
        say("crash", { text: String(error?.message ?? error) });
      }
    };
    say("ready");
  } catch (error) {
    say("crash", { text: String(error?.message ?? error) });
  }
};
