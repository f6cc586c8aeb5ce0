// The page shows this frame in a sandbox, so it has no origin: no storage, no
// cookies, no network. It starts the workers that run Python, and ends them.

let code, common;
const workers = new Map();

const actions = {
  // The files of the runtime, by name; they are shared by all workers.
  async files({ files }) {
    const { "worker.js": script, "pyodide.asm.wasm": binary, snapshot, ...rest } = files;
    code = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    common = { files: rest, snapshot, wasm: await WebAssembly.compile(binary) };
  },
  start({ id, prefix }, port) {
    const worker = new Worker(code, { name: "python" });
    const bell = URL.createObjectURL(new Blob(["1"], { type: "text/plain" }));
    worker.onerror = ({ message }) => {
      parent.postMessage({ failed: message ?? "the worker could not be started", id }, "*");
    };
    worker.postMessage({ ...common, bell, prefix, port }, [port]);
    workers.set(id, { worker, bell });
  },
  stop: ({ id }) => URL.revokeObjectURL(workers.get(id).bell),
  end({ id }) {
    workers.get(id).worker.terminate();
    workers.delete(id);
  },
};

self.onmessage = async ({ data, source, ports }) => {
  try {
    await actions[data.type](data, ...ports);
    source.postMessage({ done: data.type }, "*");
  } catch (error) {
    source.postMessage({ failed: String(error?.message ?? error) }, "*");
  }
};
