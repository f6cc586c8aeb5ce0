"""`select.epoll` and `select.select`, for the sockets in memory."""

from __future__ import annotations

import select
from typing import Any

from browser_os import sockets, threads

IN, OUT, ERR, HUP = 1, 4, 8, 16


def _state(fd: int, events: int) -> int:
    """Which of `events`, or trouble, the socket `fd` has."""
    end = sockets.opened.get(fd)
    if end is None:
        return 0
    here = (IN if end.readable() else 0) | (OUT if end.writable() else 0)
    return here & events | (ERR if end.error else 0) | (HUP if end.hung_up() else 0)


class Epoll:
    """As select.epoll."""

    def __init__(self, sizehint: int = -1, flags: int = 0) -> None:
        self._events: dict[int, int] = {}
        self.closed = False

    def register(self, fd: Any, eventmask: int = IN | OUT) -> None:
        """Watch `fd`. Raises FileExistsError, or PermissionError for a file."""
        fd = _number(fd)
        if fd in self._events:
            raise FileExistsError(17, "File exists")
        if fd not in sockets.opened:
            raise PermissionError(1, "Operation not permitted")
        self._events[fd] = eventmask

    def modify(self, fd: Any, eventmask: int) -> None:
        """Watch it for other events."""
        self._events[_number(fd)] = eventmask

    def unregister(self, fd: Any) -> None:
        """Watch it no more. Raises FileNotFoundError if nobody does."""
        if self._events.pop(_number(fd), None) is None:
            raise FileNotFoundError(2, "No such file or directory")

    def poll(
        self, timeout: float | None = None, maxevents: int = -1
    ) -> list[tuple[int, int]]:
        """Wait for events, up to `timeout` seconds unless it is negative.

        Gives (fd, events) of each.
        """
        for_ever = timeout is None or timeout < 0
        threads.wait(self._ready, None if for_ever else timeout)
        return self._ready()[: maxevents if maxevents > 0 else None]

    def _ready(self) -> list[tuple[int, int]]:
        found = [(fd, _state(fd, mask)) for fd, mask in self._events.items()]
        ready = [(fd, state) for fd, state in found if state]
        return sorted(ready, key=lambda item: sockets.opened[item[0]].touched)

    def fileno(self) -> int:
        """A number that is no socket's."""
        return -1

    def __enter__(self) -> Epoll:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Watch nothing more."""
        self._events.clear()
        self.closed = True


def _number(fd: Any) -> int:
    return fd if isinstance(fd, int) else int(fd.fileno())


def select_(
    rlist: Any, wlist: Any, xlist: Any, timeout: float | None = None, /
) -> tuple[list[Any], list[Any], list[Any]]:
    """As select.select."""

    def ready() -> tuple[list[Any], list[Any], list[Any]]:
        sought = (rlist, IN), (wlist, OUT), (xlist, ERR)
        r, w, x = ([s for s in fds if _state(_number(s), e) & e] for fds, e in sought)
        return r, w, x

    threads.wait(lambda: any(ready()), timeout)
    return ready()


def install() -> None:
    """Take the places in `select`."""
    del select.poll
    places = {"IN": IN, "OUT": OUT, "ERR": ERR, "HUP": HUP, "EXCLUSIVE": 1 << 28}
    for name, value in places.items():
        setattr(select, f"EPOLL{name}", value)
    select.epoll = Epoll  # type: ignore[assignment,misc]
    select.select = staticmethod(select_)  # no method, where a class has it
