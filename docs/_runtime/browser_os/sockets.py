"""Sockets in memory: `_socket`, for streams, datagrams and Unix paths.

Each reaches the sockets of the same program, and nothing else.
"""

from __future__ import annotations

import _socket
import errno
import os
import sys
import warnings
from collections import deque
from itertools import count
from types import ModuleType
from typing import Any

from browser_os import threads

AF_UNIX, AF_INET, AF_INET6 = 1, _socket.AF_INET, _socket.AF_INET6
SOCK_STREAM, SOCK_DGRAM = _socket.SOCK_STREAM, _socket.SOCK_DGRAM
SOL_SOCKET = _socket.SOL_SOCKET
EXTRA = {"AF_UNIX": AF_UNIX, "SO_REUSEADDR": 2, "SO_REUSEPORT": 15}
EXTRA |= {"MSG_PEEK": 2, "SHUT_RD": 0, "SHUT_WR": 1, "SHUT_RDWR": 2}
EXTRA |= {"AI_PASSIVE": 1, "AI_NUMERICHOST": 4, "SOMAXCONN": 4096}
BUFFER = 106_496  # bytes that each side of a direction holds
HERE = ("127.0.0.1", "localhost", "::1", "0.0.0.0", "::", "")
SERVICES = {"http": 80, "https": 443, "domain": 53}

# Numbers and texts as Linux has them: Emscripten's differ.
LINUX = {
    "EBADF": (9, "Bad file descriptor"),
    "EAGAIN": (11, "Resource temporarily unavailable"),
    "EINVAL": (22, "Invalid argument"),
    "EPIPE": (32, "Broken pipe"),
    "EDESTADDRREQ": (89, "Destination address required"),
    "EADDRINUSE": (98, "Address already in use"),
    "ENETUNREACH": (101, "Network is unreachable"),
    "ECONNRESET": (104, "Connection reset by peer"),
    "EISCONN": (106, "Transport endpoint is already connected"),
    "ENOTCONN": (107, "Transport endpoint is not connected"),
    "ECONNREFUSED": (111, "Connection refused"),
    "EINPROGRESS": (115, "Operation now in progress"),
}

opened: dict[int, End] = {}  # by file descriptor
_bound: dict[tuple[int, Any], End] = {}  # by kind, and port or path
_numbers = count(1_000)
_ports = count(49_152)
_moments = count(1)
_default_timeout: float | None = None


class Number(int):
    """An error's number: equal to this system's, shown as Linux shows it."""

    shown = 0

    def __str__(self) -> str:
        return str(self.shown)


def number(name: str) -> Number:
    """The number of the error `name`."""
    made = Number(getattr(errno, name))
    made.shown = LINUX[name][0]
    return made


def failure(name: str) -> OSError:
    """The exception for the error `name`."""
    return OSError(number(name), LINUX[name][1])


class End:
    """What the system keeps of a socket."""

    def __init__(self, family: int, kind: int, proto: int) -> None:
        self.family, self.kind, self.proto = family, kind, proto
        self.users = 0  # file descriptors
        self.gone = False  # the last of them was closed
        self.received: Any = deque() if kind == SOCK_DGRAM else bytearray()
        self.arrived: deque[End] | None = None  # connections, where it listens
        self.peer: End | None = None
        self.name: Any = None
        self.peer_name: Any = None
        self.ended = False  # nothing more will be received
        self.shut = False  # nothing more will be sent
        self.reset = False
        self.error = 0  # of a connect() that went on
        self.options: dict[tuple[int, int], Any] = {}
        self.touched = 0  # when its state changed last

    def touch(self) -> None:
        """Say that its state has changed."""
        self.touched = next(_moments)
        threads.changed()

    def readable(self) -> bool:
        """Whether recv or accept would not block."""
        return bool(self.received or self.arrived or self.ended or self.reset)

    def writable(self) -> bool:
        """Whether send would not block."""
        if self.kind == SOCK_DGRAM:
            return True
        return bool(self.error or self.shut or (self.peer and self.room()))

    def hung_up(self) -> bool:
        """Whether both directions are over."""
        over = self.ended and (self.shut or (not self.inet() and self.peer_is_gone()))
        return self.reset or bool(self.error) or over

    def peer_is_gone(self) -> bool:
        """Whether the other side was closed."""
        return self.peer is not None and self.peer.gone

    def room(self) -> int:
        """How many bytes can be sent before the peer reads."""
        assert self.peer is not None
        if self.peer.ended or self.peer.gone:
            return 1  # not to be kept waiting: the next send says so
        sent = self.options.get((SOL_SOCKET, _socket.SO_SNDBUF), BUFFER)
        kept = self.peer.options.get((SOL_SOCKET, _socket.SO_RCVBUF), BUFFER)
        room: int = sent + kept - len(self.peer.received)
        return max(0, room)

    def inet(self) -> bool:
        """Whether its addresses are hosts and ports."""
        return self.family in (AF_INET, AF_INET6)

    def key(self, address: Any) -> tuple[int, Any]:
        """Where `address` stands among the bound ones."""
        return self.kind, address[1] if self.inet() else os.fspath(address)

    def bind(self, address: Any = None) -> None:
        """Take `address`, or a free port."""
        if not self.inet():
            if self.key(address) in _bound:
                raise failure("EADDRINUSE")
            if not address.startswith(("\0", b"\0")[isinstance(address, bytes)]):
                open(address, "x").close()
        else:
            everywhere = ("0.0.0.0", 0) if self.family == AF_INET else ("::", 0, 0, 0)
            address = address or everywhere
            host = "127.0.0.1" if address[0] == "localhost" else address[0]
            port = address[1] or next(_ports)
            address = (host or everywhere[0], port, *address[2:])
            if self.key(address) in _bound:
                raise failure("EADDRINUSE")
        _bound[self.key(address)] = self
        self.name = address

    def connect(self, address: Any) -> None:
        """Reach the socket at `address`. Raises OSError where there is none."""
        if self.inet() and address[0] not in HERE:
            no_network(f"{address[0]}:{address[1]}")
            raise failure("ENETUNREACH")
        if self.kind == SOCK_DGRAM:
            self.peer_name = address
            if self.name is None:
                self.bind()
            return
        if self.peer is not None:
            raise failure("EISCONN")
        target = _bound.get(self.key(address))
        if not self.inet() and target is None:
            raise FileNotFoundError(2, "No such file or directory")
        if target is None or target.arrived is None:
            raise failure("ECONNREFUSED")
        if self.name is None and self.inet():
            self.name = (HERE[0], next(_ports))
        other = End(self.family, self.kind, self.proto)
        other.options = target.options.copy()
        pair(self, other)
        other.name = (address[0], *target.name[1:]) if self.inet() else target.name
        other.peer_name, self.peer_name = self.name or "", other.name
        target.arrived.append(other)
        target.touch()
        self.touch()

    def send(self, data: Any) -> int:
        """Put as much of `data` as fits where the peer receives; give its size."""
        if self.reset:
            raise failure("ECONNRESET")
        if self.peer is None or self.shut or self.peer.gone:
            raise failure("EPIPE")
        some = data[: self.room()]
        self.peer.received += some
        self.peer.touch()
        return len(some)

    def send_to(self, data: bytes, address: Any) -> int:
        """Send a datagram; nobody need be there."""
        if address is None:
            raise failure("EDESTADDRREQ")
        if self.name is None:
            self.bind()
        target = _bound.get(self.key(address))
        name = self.name
        if self.inet() and name[0] in ("0.0.0.0", "::"):
            name = (HERE[0], *name[1:])
        if target is not None:
            target.received.append((data, name))
            target.touch()
        return len(data)

    def receive(self, size: int, flags: int) -> tuple[bytes, Any]:
        """Take up to `size` bytes, or a datagram; and who sent it."""
        if self.kind == SOCK_DGRAM:
            data, sender = self.received.popleft()
            return data[:size], sender
        if self.reset and not self.received:
            raise failure("ECONNRESET")
        data = bytes(self.received[:size])
        if not flags & EXTRA["MSG_PEEK"]:
            del self.received[:size]
            if self.peer is not None:
                self.peer.touch()
        return data, self.peer_name

    def shutdown(self, how: int) -> None:
        """End one direction, or both."""
        if self.peer is None:
            raise failure("ENOTCONN")
        if how != EXTRA["SHUT_RD"]:
            self.shut = self.peer.ended = True
            self.peer.touch()
        if how != EXTRA["SHUT_WR"]:
            self.ended = True

    def close(self) -> None:
        """Go, when the last file descriptor does."""
        self.users -= 1
        if self.users > 0:
            return
        self.gone = True
        if self.name is not None and _bound.get(self.key(self.name)) is self:
            del _bound[self.key(self.name)]
        if self.peer is not None:
            lost = self.received or (SOL_SOCKET, _socket.SO_LINGER) in self.options
            self.peer.reset |= bool(lost)
            self.peer.ended = True
            self.peer.touch()
        for other in self.arrived or ():
            other.close()


def pair(one: End, other: End) -> None:
    """Connect two."""
    one.peer, other.peer = other, one


def no_network(what: str) -> None:
    """Tell the reader why `what` is not reached."""
    threads.say(
        "There is no network here: a program reaches only the servers that it"
        f" starts itself, not {what}."
    )


def open_fd(end: End) -> int:
    """A new file descriptor of `end`."""
    fd = next(_numbers)
    opened[fd] = end
    end.users += 1
    return fd


class Socket:
    """As _socket.socket, on which the standard library's socket.socket is built."""

    __slots__ = ("_fd", "_made_as", "timeout")
    family = property(lambda self: self._made_as[0])
    type = property(lambda self: self._made_as[1])
    proto = property(lambda self: self._made_as[2])

    def __init__(
        self, family: int = -1, type: int = -1, proto: int = -1, fileno: Any = None
    ) -> None:
        if fileno is not None:
            if fileno not in opened:
                raise failure("EBADF")
            self._fd = int(fileno)
        else:
            kind = SOCK_STREAM if type == -1 else int(type) & 0xF
            end = End(AF_INET if family == -1 else int(family), kind, max(proto, 0))
            self._fd = open_fd(end)
        end = opened[self._fd]
        self._made_as = end.family, end.kind, end.proto
        self.timeout = _default_timeout

    @property
    def _end(self) -> End:
        if self._fd not in opened:
            raise failure("EBADF")
        return opened[self._fd]

    def _until(self, ready: Any) -> None:
        """Wait as the timeout says. Raises BlockingIOError, TimeoutError."""
        if ready():
            return
        if self.timeout == 0:
            raise failure("EAGAIN")
        if not threads.wait(ready, self.timeout):
            raise TimeoutError("timed out")

    def fileno(self) -> int:
        """Its file descriptor, -1 when it is closed."""
        return self._fd

    def setblocking(self, flag: bool, /) -> None:
        """Whether its calls wait."""
        self.timeout = None if flag else 0.0

    def getblocking(self) -> bool:
        """Whether its calls wait."""
        return self.timeout != 0

    def settimeout(self, value: float | None, /) -> None:
        """How long its calls wait, in seconds."""
        self.timeout = value

    def gettimeout(self) -> float | None:
        """How long its calls wait, in seconds."""
        return self.timeout

    def setsockopt(self, level: int, option: int, value: Any, *_: Any) -> None:
        """Keep an option; few have an effect."""
        if level == SOL_SOCKET and option in (_socket.SO_SNDBUF, _socket.SO_RCVBUF):
            value *= 2  # as Linux does
        self._end.options[level, option] = value

    def getsockopt(self, level: int, option: int, size: int = 0, /) -> Any:
        """An option's value, SO_ERROR above all."""
        end = self._end
        if (level, option) == (SOL_SOCKET, _socket.SO_ERROR):
            error, end.error = end.error, 0
            return error
        if (level, option) == (SOL_SOCKET, _socket.SO_TYPE):
            return end.kind
        return end.options.get((level, option), bytes(size) if size else 0)

    def bind(self, address: Any, /) -> None:
        """Take an address."""
        self._end.bind(address)

    def listen(self, backlog: int = 128, /) -> None:
        """Take connections."""
        if self._end.name is None:
            self._end.bind()
        self._end.arrived = self._end.arrived or deque()

    def _accept(self) -> tuple[int, Any]:
        end = self._end
        if end.arrived is None:
            raise failure("EINVAL")
        self._until(lambda: end.arrived)
        other = end.arrived.popleft()
        return open_fd(other), other.peer_name

    def connect(self, address: Any, /) -> None:
        """Reach a server of this program."""
        end = self._end
        if end.error:
            raise OSError(self.getsockopt(SOL_SOCKET, _socket.SO_ERROR), "")
        later = self.timeout == 0 and end.kind == SOCK_STREAM and end.inet()
        try:
            end.connect(address)
        except OSError as error:
            if not later or error.errno == errno.EISCONN:
                raise
            end.error = error.errno or 0
            end.touch()
        if later:
            raise failure("EINPROGRESS")

    def connect_ex(self, address: Any, /) -> int:
        """As connect, but give the error's number."""
        try:
            self.connect(address)
        except OSError as error:
            return error.errno or 0
        return 0

    def getsockname(self) -> Any:
        """Its own address."""
        end = self._end
        if end.name is None:
            return ("0.0.0.0", 0) if end.inet() else ""
        return end.name

    def getpeername(self) -> Any:
        """The address of the other side."""
        if self._end.peer_name is None:
            raise failure("ENOTCONN")
        return self._end.peer_name

    def send(self, data: Any, flags: int = 0, /) -> int:
        """Send some of `data`; give how much."""
        end = self._end
        if end.kind == SOCK_DGRAM:
            return end.send_to(bytes(data), end.peer_name)
        if end.peer is not None:
            self._until(end.writable)
        return end.send(memoryview(data).cast("B"))

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send all of `data`."""
        rest = memoryview(data).cast("B")
        while rest:
            rest = rest[self.send(rest) :]

    def sendmsg(self, buffers: Any, *_: Any) -> int:
        """Send several pieces as one."""
        return self.send(b"".join(buffers))

    def sendto(self, data: Any, *flags_and_address: Any) -> int:
        """Send a datagram."""
        return self._end.send_to(bytes(data), flags_and_address[-1])

    def recvfrom(self, size: int, flags: int = 0, /) -> tuple[bytes, Any]:
        """Receive up to `size` bytes; and who sent them."""
        end = self._end
        if end.kind == SOCK_STREAM and end.peer is None:
            raise failure("ENOTCONN")
        self._until(end.readable)
        return end.receive(size, flags)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Receive up to `size` bytes."""
        return self.recvfrom(size, flags)[0]

    def recvmsg(
        self, size: int, ancillary: int = 0, flags: int = 0, /
    ) -> tuple[bytes, list[Any], int, Any]:
        """Receive; there is never anything beside the data."""
        data, sender = self.recvfrom(size, flags)
        return data, [], 0, sender

    def recvfrom_into(
        self, buffer: Any, nbytes: int = 0, flags: int = 0
    ) -> tuple[int, Any]:
        """Receive into `buffer`; and who sent it."""
        view = memoryview(buffer).cast("B")
        data, sender = self.recvfrom(nbytes or len(view), flags)
        view[: len(data)] = data
        return len(data), sender

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Receive into `buffer`."""
        return self.recvfrom_into(buffer, nbytes, flags)[0]

    def shutdown(self, how: int, /) -> None:
        """End one direction, or both."""
        self._end.shutdown(how)

    def close(self) -> None:
        """Give the file descriptor back."""
        end = opened.pop(self._fd, None)
        self._fd = -1
        if end is not None:
            end.close()

    def detach(self) -> int:
        """Hand the file descriptor to the caller."""
        fd, self._fd = self._fd, -1
        return fd

    def __del__(self) -> None:
        if getattr(self, "_fd", -1) >= 0:
            unclosed = f"unclosed {self!r}"
            warnings.warn(unclosed, ResourceWarning, stacklevel=1, source=self)
            self.close()


def socketpair(
    family: int = AF_UNIX, type: int = SOCK_STREAM, proto: int = 0, /
) -> tuple[Socket, Socket]:
    """As _socket.socketpair."""
    one, other = Socket(family, type, proto), Socket(family, type, proto)
    pair(one._end, other._end)
    for end in one._end, other._end:
        end.name = end.peer_name = ""
    return one, other


def duplicate(fd: int, /) -> int:
    """As _socket.dup."""
    return open_fd(opened[fd])


def close_fd(fd: int, /) -> None:
    """As _socket.close."""
    opened.pop(fd).close()


def resolve(
    host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
) -> list[tuple[int, int, int, str, Any]]:
    """As _socket.getaddrinfo, for numbers and for this machine."""
    host = host.decode() if isinstance(host, bytes) else host
    port = port.decode() if isinstance(port, bytes) else port
    if not host:
        host = "0.0.0.0" if flags & EXTRA["AI_PASSIVE"] else HERE[0]
    if host in ("localhost", _socket.gethostname()):
        host = "::1" if family == AF_INET6 else HERE[0]
    if ":" not in host and not host.replace(".", "").isdigit():
        no_network(host)
        raise _socket.gaierror(-2, "Name or service not known")
    if isinstance(port, str) and not port.isdigit():
        if port not in SERVICES:
            raise _socket.gaierror(-8, "Servname not supported for ai_socktype")
        port = SERVICES[port]
    found = AF_INET6 if ":" in host else AF_INET
    address = (host, int(port or 0), 0, 0)[: 4 if found == AF_INET6 else 2]
    protocols = {SOCK_STREAM: 6, SOCK_DGRAM: 17}
    kinds = [type] if type else list(protocols)
    made = [(found, kind, protocols.get(kind, 0), "", address) for kind in kinds]
    return [info for info in made if proto in (0, info[2])]


def name_of(address: Any, flags: int, /) -> tuple[str, str]:
    """As _socket.getnameinfo."""
    return address[0], str(address[1])


def set_default_timeout(timeout: float | None, /) -> None:
    """As _socket.setdefaulttimeout."""
    global _default_timeout
    _default_timeout = timeout


def install() -> None:
    """Take the place of `_socket`."""
    made = ModuleType("_socket")
    vars(made).update(vars(_socket))
    vars(made).update(EXTRA)
    vars(made).update(
        socket=Socket,
        SocketType=Socket,
        socketpair=socketpair,
        dup=duplicate,
        close=close_fd,
        getaddrinfo=resolve,
        getnameinfo=name_of,
        gethostbyname=lambda host, /: resolve(host, 0)[0][4][0],
        getdefaulttimeout=lambda: _default_timeout,
        setdefaulttimeout=set_default_timeout,
    )
    sys.modules["_socket"] = made
