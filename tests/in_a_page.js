// Runs programs by the site's own runtime; evaluated in a page of the site.
async function prepareToRun(script) {
  const { interpreter } = await import(script);
  const results = new Map();
  const queue = [];

  // Run one program; Ctrl-C it when it has printed each of `stops`, in turn.
  async function run({ text, name, stops = [], deadline = 60 }) {
    const got = { stdout: "", stderr: "", notes: [], status: null, ended: "hangs", stopped: [] };
    const python = await interpreter(() => {});
    const begun = performance.now();
    let since = 0;
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, deadline * 1000);
      const hear = {
        text({ stream, text }) {
          got[`std${stream}`] += text;
          const at = stops.length ? got.stdout.indexOf(stops[0], since) : -1;
          if (at < 0) return;
          since = at + stops.shift().length;
          got.stopped.push(performance.now() - begun);
          python.stop();
        },
        note: ({ text }) => got.notes.push(text),
        end: ({ status }) => Object.assign(got, { status, seconds: (performance.now() - begun) / 1000 }),
        timeline: ({ html }) => (got.timeline = html.length),
        done: () => resolve((got.ended = "done")),
        crash: ({ text }) => resolve((got.ended = `crash: ${text}`)),
      };
      python.run(text, name, ({ type, ...said }) => hear[type](said));
    });
    python.end();
    return got;
  }

  async function work() {
    while (queue.length) {
      const { program, resolve } = queue.shift();
      resolve(await run(program).catch((error) => ({ ended: `no run: ${error.message}` })));
    }
  }

  window.programRunner = {
    run,
    ready: () => interpreter(() => {}).then(() => null),
    // Start these, as many at once as `width`; ask for a result by its key.
    start(programs, width) {
      for (const program of programs) {
        results.set(program.key, new Promise((resolve) => queue.push({ program, resolve })));
      }
      for (let i = 0; i < width; i++) work();
    },
    result: (key) => results.get(key),
  };
}
