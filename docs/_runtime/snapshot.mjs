// Starts Python in Node.js, imports what programs import, and writes its memory
// to a file, so that a browser need not do it: node snapshot.mjs FOLDER
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { join, resolve } from "node:path";

// Python notes at its start whether stacks can be switched (JSPI). Browsers can,
// Node.js may not: say yes, as nothing switches before the snapshot.
WebAssembly.Suspending ??= function (suspends) {
  return suspends;
};
WebAssembly.promising ??= (calls) => calls;

const folder = resolve(process.argv[2]) + "/";
const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")));
const options = JSON.parse(await readFile(join(folder, "options.json"), "utf8"));
const site = await readFile(join(folder, "site.zip"));
const python = await loadPyodide({
  ...options,
  indexURL: folder,
  jsglobals: {},
  _makeSnapshot: true,
  fsInit: (fs) => fs.writeFile("/lib/site.zip", site),
});
python.runPython("import browser_os.script; browser_os.script.warm_up()");
await writeFile(join(folder, "snapshot"), python.makeMemorySnapshot());
