"""The README's own commands, followed in an empty folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from programs import ROOT
from running import ask_version

README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = {
    shell: re.findall(rf"(?m)^```{shell}\n(.+)\n```$", README)[:2]
    for shell in ("sh", "powershell")
}


@pytest.fixture
def clone(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """What git has of the project, and nothing else."""
    if not request.config.option.clean_install:
        reason = "it downloads all packages, and .ci/run does the same in its folder"
        pytest.skip(f"{reason}: run it with --clean-install")
    if os.name == "nt":
        pytest.skip("it follows the commands for a POSIX shell")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, done.stdout.split("\0")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_the_first_command_serves_the_site_and_the_second_runs_the_tests(
    clone: Path,
) -> None:
    """From a folder as git has it, with Python and pip alone."""
    # All tests would end up here again: these show that the set-up is whole.
    some = {"PYTEST_ADDOPTS": "tests/test_pages.py"}
    done = subprocess.run(
        [clone / ".ci" / "follow-readme"],
        cwd=clone,
        env=os.environ | some,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "served the site" in done.stdout
    assert re.search(r"\d+ passed", done.stdout)


def test_a_python_that_is_too_old_gets_one_sentence(tmp_path: Path) -> None:
    """Nothing is installed, and nothing is left behind."""
    old = old_python()
    if old is None:
        pytest.skip("it needs a Python 3 older than 3.11 on this machine")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(old)
    for command in COMMANDS["sh"]:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=tmp_path,
            env={"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert done.stdout + done.stderr == "Python 3.11 or later is needed.\n"
        assert not (tmp_path / ".venv").exists()


def old_python() -> str | None:
    """A Python 3 on this machine that is older than the site needs."""
    folders = sorted(Path.home().glob(".pyenv/versions/3.*/bin"))
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")])
    for minor in range(10, 5, -1):
        python = shutil.which(f"python3.{minor}", path=path)
        if python is not None and ask_version(python).startswith(f"3.{minor}."):
            return python
    return None


def test_the_commands_take_the_same_steps_in_each_shell() -> None:
    """The two differ in what they end with, and PowerShell's in their spelling."""
    serve, test = COMMANDS["sh"]
    assert serve.removesuffix("mkdocs serve") == test.removesuffix("pytest")
    for command, spelt in zip(COMMANDS["sh"], COMMANDS["powershell"], strict=True):
        posix = re.sub(r"if \(\$\?\) \{ (.*?) \}", r"\1", spelt)
        for theirs, ours in {"py -3": "python3", "\\Scripts\\": "/bin/"}.items():
            posix = posix.replace(theirs, ours)
        quotes = str.maketrans("'\"", "\"'")
        steps = re.split(r";(?= (?:python3 -m|\.venv))", posix.translate(quotes))
        assert " &&".join(steps) == command
