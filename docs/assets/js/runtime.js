// Python in the page: fetches it once, and starts interpreters. They live in a
// frame without an origin (docs/_runtime/frame.js): what a program does reaches
// neither this page nor the network.

const BASE = new URL("../run/", import.meta.url);
const CACHE = "python"; // of what was fetched; names have a hash of the content

let loading; // a promise of the frame
let spare; // an interpreter that waits for a program
let count = 0;
const alive = new Map(); // interpreters, by number

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server has no ${url.pathname.split("/").at(-1)} (${response.status})`);
  return response;
}

// The files of Python by name, unpacked; `progress` gets the bytes so far, of how many.
async function load(progress) {
  const about = await (await fetched(new URL("manifest.json", BASE))).json();
  const cache = await self.caches?.open(CACHE).catch(() => undefined); // it may be forbidden
  const total = about.files.reduce((sum, { size }) => sum + size, 0);
  let loaded = 0;
  const one = async ({ name, url }) => {
    const address = new URL(url, BASE);
    let response = await cache?.match(address);
    if (!response) {
      response = await fetched(address);
      await cache?.put(address, response.clone()).catch(() => {}); // the disk may be full
    }
    const counter = new TransformStream({
      transform(chunk, stream) {
        progress((loaded += chunk.byteLength), total);
        stream.enqueue(chunk);
      },
    });
    const plain = response.body.pipeThrough(counter).pipeThrough(new DecompressionStream("gzip"));
    return [name, await new Response(plain).arrayBuffer()];
  };
  const files = Object.fromEntries(await Promise.all(about.files.map(one)));
  const current = new Set(about.files.map(({ url }) => new URL(url, BASE).href));
  for (const request of (await cache?.keys()) ?? []) {
    if (!current.has(request.url)) cache.delete(request);
  }
  return files;
}

// The frame, with the files in it.
async function open(progress) {
  const files = await load(progress);
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts";
  frame.src = new URL("frame.html", BASE);
  frame.title = "Where programs run";
  frame.hidden = true;
  const shown = new Promise((resolve) => frame.addEventListener("load", resolve));
  document.documentElement.append(frame); // it outlives the pages that Material swaps
  await shown;
  const answer = new Promise((resolve, reject) => {
    window.addEventListener("message", ({ source, data }) => {
      if (source !== frame.contentWindow) return;
      if (!data.failed) resolve();
      else if (data.id) alive.get(data.id)?.port.onmessage({ data: { type: "crash", text: data.failed } });
      else reject(new Error(data.failed));
    });
  });
  frame.contentWindow.postMessage({ type: "files", files }, "*", Object.values(files));
  await answer;
  return frame.contentWindow;
}

export class Interpreter {
  constructor(frame) {
    this.frame = frame;
    this.id = ++count;
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.ready = new Promise((resolve, reject) => {
      port1.onmessage = ({ data }) => {
        if (data.type === "ready") resolve();
        else reject(new Error(data.text));
      };
    });
    this.ready.catch(() => {});
    alive.set(this.id, this);
    this.tell("start", { prefix: `run${this.id}` }, [port2]);
  }

  tell(type, about = {}, transfer = []) {
    this.frame.postMessage({ type, id: this.id, ...about }, "*", transfer);
  }

  run(text, name, hear) {
    this.port.onmessage = ({ data }) => hear(data);
    this.port.postMessage({ text, name });
  }

  // As Ctrl-C.
  stop() {
    this.tell("stop");
  }

  // At once; what it says later is not heard.
  end() {
    alive.delete(this.id);
    this.port.onmessage = null;
    this.tell("end");
  }
}

// An interpreter that is ready. Rejects with an Error that says what is missing.
export async function interpreter(progress) {
  loading ??= open(progress);
  loading.catch(() => (loading = undefined));
  const frame = await loading;
  const python = spare ?? new Interpreter(frame);
  spare = undefined;
  await python.ready;
  return python;
}

// Have another one ready for the next run.
export async function prepare() {
  const frame = await loading;
  spare ??= new Interpreter(frame);
}
