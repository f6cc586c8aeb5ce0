"""The claims of `playground.md`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import ModuleType

import pytest

import virtual_clock

Load = Callable[[str], ModuleType]
PROGRAM = "playground/two_tasks_take_turns"


def printed(module: ModuleType, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the program prints, on the virtual clock."""
    virtual_clock.run(module.main())
    return capsys.readouterr().out.splitlines()


def test_turns(
    load: Load, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tasks no longer take turns."""
    module = load(PROGRAM)
    assert printed(module, capsys)[1:4] == ["quick: 2", "slow: 1", "quick: 3"]

    class Blocking:
        @staticmethod
        async def sleep(delay: float) -> None:
            time.sleep(delay)

    monkeypatch.setattr(module, "asyncio", Blocking)
    monkeypatch.setattr(Blocking, "TaskGroup", asyncio.TaskGroup, raising=False)
    names = [line.split(":")[0] for line in printed(module, capsys)]
    assert names == ["quick"] * 3 + ["slow"] * 3
