"""Signals: Stop is a Ctrl-C, and a program may signal itself."""

from __future__ import annotations

import _signal
import os
from typing import Any

_handlers: dict[int, Any] = {}
_wakeup = -1
pending: list[int] = []  # signals that wait for the main thread

set_system_handler = _signal.signal


def _arrived(signum: int, frame: Any) -> None:
    """Write the signal's number where asyncio reads it, then call the handler.

    In the main thread only: until that has its turn, the signal waits.
    """
    from browser_os import sockets, threads

    if threads.switching or not in_main_thread():
        pending.append(signum)
        return
    if _wakeup in sockets.opened:
        sockets.opened[_wakeup].send(bytes([signum]))
    while frame and frame.f_code.co_filename.startswith(threads.HERE):
        frame = frame.f_back
    _handlers[signum](signum, frame)


def in_main_thread() -> bool:
    """Whether the thread that runs is the one that gets signals."""
    from browser_os import threads

    return threads.ident == threads.MAIN


def deliver_pending() -> None:
    """Call the handlers of signals that came while another thread ran."""
    if pending and in_main_thread():
        _signal.raise_signal(pending.pop(0))


def set_handler(signum: int, handler: Any, /) -> Any:
    """As signal.signal."""
    if not in_main_thread():
        where = "main thread of the main interpreter"
        raise ValueError(f"signal only works in {where}")
    before = get_handler(signum)
    set_system_handler(signum, _arrived if callable(handler) else handler)
    _handlers[signum] = handler
    return before


def get_handler(signum: int, /) -> Any:
    """As signal.getsignal."""
    return _handlers.get(signum, _signal.SIG_DFL)


def set_wakeup_fd(fd: int, /, *, warn_on_full_buffer: bool = True) -> int:
    """As signal.set_wakeup_fd."""
    global _wakeup
    before, _wakeup = _wakeup, fd
    return before


def kill(pid: int, signum: int, /) -> None:
    """As os.kill; there is one process."""
    if pid != os.getpid():
        raise ProcessLookupError(3, "No such process")
    if signum:
        _signal.raise_signal(signum)


def install() -> None:
    """Take the places in `_signal` and `os`."""
    _signal.signal = set_handler
    _signal.getsignal = get_handler
    _signal.set_wakeup_fd = set_wakeup_fd
    os.kill = kill
    set_handler(_signal.SIGINT, _signal.default_int_handler)
