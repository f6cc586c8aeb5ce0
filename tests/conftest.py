"""Options of the suite, and what the tests of the pages share."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from benchmarks import NAMES
from in_a_page import Runner
from programs import DOCS, EXAMPLES, OLDEST_PYTHON, ROOT
from running import ask_version, build, serve
from turns import TurnsOfPages, today

if TYPE_CHECKING:
    from benchmarks.harness import Result

NEWEST_PYTHON = (3, 14)
BUILT_FOR = "http://site.invalid/"
expect.set_options(timeout=30_000)  # ms: a busy machine is slow


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that CONTRIBUTING.md describes."""
    group = parser.getgroup("site")
    group.addoption(
        "--record",
        action="store_true",
        help="write what the programs print now into their .out and .err files",
    )
    group.addoption(
        "--every-python",
        action="store_true",
        help="run the programs on each supported Python found on this machine",
    )
    group.addoption(
        "--due",
        type=Path,
        metavar="FILE",
        help="leave out the tests of pages that are as FILE notes them, but those whose"
        " day of the week it is; with --record, note those that passed",
    )
    group.addoption(
        "--slow",
        action="store_true",
        help="run all that takes long: programs in the page, in Firefox too, mutants,"
        " and CPython's own tests of asyncio on the virtual clock",
    )
    group.addoption(
        "--clean-install",
        action="store_true",
        help="follow the README's commands in an empty folder",
    )
    group.addoption(
        "--mutants",
        action="store_true",
        help="also break programs in many small ways, and see that it is noticed",
    )
    group.addoption(
        "--results",
        metavar="FOLDER",
        help="check the pages on measurements against what `python -m benchmarks`"
        " has written to this folder",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what cannot be meant, and get the interpreters ready."""
    # A shell starts a job in the background deaf to Ctrl-C, and the programs
    # that the tests interrupt would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    today()  # the workers inherit the day
    if config.option.record and os.environ.get("CI"):
        raise pytest.UsageError(
            "--record does not run under CI: record where you can read the difference."
        )
    if config.option.due:
        record = config.option.record
        config.pluginmanager.register(TurnsOfPages(config.option.due, record=record))
    if config.option.every_python and not hasattr(config, "workerinput"):
        for python in interpreters(every=True).values():
            with_packages(python)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for `python` each interpreter to run programs with."""
    if "python" in metafunc.fixturenames:
        found = interpreters(metafunc.config.option.every_python)
        metafunc.parametrize("python", found.values(), ids=found, indirect=True)


@functools.cache
def interpreters(every: bool) -> dict[str, str]:
    """The Python that runs the tests; with `every`, each supported one found.

    Returns their paths by version, as in {"3.12": "/usr/bin/python3.12"}.
    """
    mine = f"3.{sys.version_info.minor}"
    found = {mine: sys.executable}
    if every:
        folders = sorted(Path.home().glob(".pyenv/versions/*/bin"))
        path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")])
        for minor in range(OLDEST_PYTHON[1], NEWEST_PYTHON[1] + 1):
            version = f"3.{minor}"
            python = shutil.which(f"python{version}", path=path)
            if python is not None and ask_version(python).startswith(f"{version}."):
                found.setdefault(version, python)
    return found


def with_packages(python: str) -> str:
    """An interpreter like `python` that has what the programs need.

    The environment is kept in `.cache/`, until the lock file changes.
    """
    if python == sys.executable:
        return python
    lock = EXAMPLES / "requirements.txt"
    home = ROOT / ".cache" / f"python-{ask_version(python)}"
    inside = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = home / lock.name
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        subprocess.run([python, "-m", "venv", "--clear", str(home)], check=True)
        install = [str(inside), "-m", "pip", "install", "--quiet", "--require-hashes"]
        subprocess.run([*install, "--requirement", str(lock)], check=True)
        shutil.copy(lock, stamp)
    return str(inside)


@pytest.fixture(scope="session")
def python(request: pytest.FixtureRequest) -> str:
    """The path of an interpreter that has the programs' packages."""
    return with_packages(request.param)


@pytest.fixture
def load() -> Callable[[str], ModuleType]:
    """Import a program afresh by its id, as in `load("coroutines/brew")`."""

    def load(program: str) -> ModuleType:
        path = EXAMPLES / f"{program}.py"
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


def once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]
) -> Path:
    """A folder that one worker of this session makes, and all of them read."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    target = folder / name
    with closing(sqlite3.connect(folder / f"{name}.lock", timeout=600)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        if not target.exists():
            work = Path(tempfile.mkdtemp(dir=folder))
            make(work)
            work.replace(target)
    return target


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as a reader gets it."""

    def make(folder: Path) -> None:
        done = build("mkdocs", "build", "--site-dir", str(folder), SITE_URL=BUILT_FOR)
        assert done.returncode == 0, done.stderr

    return once(tmp_path_factory, "site", make)


@pytest.fixture(scope="session")
def published(site: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The site, as it is if built for a port of this machine; and that port."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copytree(site, folder, dirs_exist_ok=True, copy_function=os.link)
    with serve(folder) as address:
        for kind in ("html", "xml", "txt"):
            for path in folder.rglob(f"*.{kind}"):
                text = path.read_text("utf-8")
                if BUILT_FOR in text:
                    path.unlink()  # it is the site's own file
                    path.write_text(text.replace(BUILT_FOR, address), "utf-8")
    return folder, urlsplit(address).port or 0


@pytest.fixture(scope="module")  # no thread of a server beside a virtual clock
def address(published: tuple[Path, int]) -> Iterator[str]:
    """Where the site is served on this machine."""
    with serve(*published) as address:
        yield address


@pytest.fixture(scope="module")
def runtime(address: str) -> str:
    """The same, where the site can run programs; else the test is skipped."""
    try:
        urlopen(f"{address}assets/run/manifest.json").close()
    except HTTPError:
        reason = "the site has no runtime: its build needs npm, or pip, and a registry"
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)
    return address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; without one the test is skipped, under CI it fails."""
    # The first has no window to draw, and needs half the time.
    names = ["chromium-headless-shell", "chromium", "chromium-browser"]
    names += ["google-chrome", "chrome", "msedge"]
    paths = [os.environ.get("CHROMIUM"), *map(shutil.which, names)]
    path = next(filter(None, paths), None)
    if path is None:
        reason = (
            "no Chromium found: install it (apt install chromium, brew install"
            " chromium, winget install Chromium) or set CHROMIUM to its path"
        )
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)
    quiet = ["--no-sandbox", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=quiet)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium(browser: Browser, runtime: str) -> Iterator[Runner]:
    """A page in Chromium that runs programs."""
    page = browser.new_page()
    page.goto(runtime)
    yield Runner(page.evaluate, runtime)
    page.close()


@pytest.fixture(scope="session")
def measured(request: pytest.FixtureRequest) -> Callable[[str], Result]:
    """What a benchmark has measured, by its name.

    It is what the pages show; with `--results FOLDER` it is what the command
    has written there, so that the pages' conclusions are checked against it.
    """
    folder = request.config.option.results or DOCS / "_includes" / "benchmarks"

    from benchmarks.harness import Result

    def measured(name: str) -> Result:
        data = json.loads(Path(folder, f"{name}.json").read_text("utf-8"))
        return Result(importlib.import_module(f"benchmarks.{name}").BENCHMARK, data)

    return measured


@pytest.fixture(scope="session")
def benchmark_python() -> str:
    """A Python that has the packages of the benchmarks; without, a skip."""
    modules = [importlib.import_module(f"benchmarks.{name}") for name in NAMES]
    needed = {package for module in modules for package in module.BENCHMARK.packages}
    there = ROOT / ".cache" / "benchmarks" / "bin" / "python"
    for python in filter(shutil.which, (sys.executable, str(there))):
        probe = [python, "-c", f"import {', '.join(needed)}"]
        if not subprocess.run(probe, capture_output=True, check=False).returncode:
            return python
    reason = (
        "the packages of the benchmarks are missing: python3 -m venv .cache/benchmarks"
        " && .cache/benchmarks/bin/pip install -r examples/benchmarks/requirements.txt"
    )
    assert not os.environ.get("CI"), reason
    pytest.skip(reason)
