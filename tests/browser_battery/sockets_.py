"""Sockets without asyncio: blocking, with a timeout, not blocking."""

import contextlib
import errno
import select
import selectors
import socket
import threading


def title(text):
    print(f"-- {text}")


def attempt(call, *args):
    try:
        print(call.__name__, call(*args))
    except OSError as error:
        print(
            call.__name__,
            type(error).__name__,
            error.errno,
            str(error).partition(" (while")[0],
        )


title("pair")
one, other = socket.socketpair()
print(one.family.name, one.type.name, repr(one.getsockname()), repr(one.getpeername()))
one.sendall(b"some bytes")
print(other.recv(4, socket.MSG_PEEK), other.recv(4), other.recv(99))
other.settimeout(0.02)
attempt(other.recv, 1)
other.setblocking(False)
attempt(other.recv, 1)
print(other.gettimeout(), other.getblocking(), one.gettimeout())
one.shutdown(socket.SHUT_WR)
print(other.recv(1), other.send(b"still"), one.recv(9))
attempt(one.send, b"x")
other.close()
print(one.recv(1), other.fileno())
attempt(other.recv, 1)
attempt(one.send, b"x")
one.close()

title("files of sockets")
one, other = socket.socketpair()
with one, other, one.makefile("w") as out, other.makefile("r") as source:
    print("first\nsecond", file=out, flush=True)
    print(source.readline(), source.readline(), end="")
with contextlib.closing(one.dup() if one.fileno() >= 0 else socket.socket()) as again:
    print(again.fileno() >= 0)

title("server")


def serve(listener):
    for _ in range(2):
        sock, _ = listener.accept()
        with sock:
            while data := sock.recv(1024):
                sock.sendall(data[::-1])


with socket.create_server(("127.0.0.1", 0)) as listener:
    address = listener.getsockname()
    thread = threading.Thread(target=serve, args=[listener])
    thread.start()
    for text in b"abc", b"defg":
        with socket.create_connection(address, timeout=2) as client:
            client.sendall(text)
            print(client.recv(99), client.getpeername() == address)
    thread.join()
    attempt(socket.create_server, address)
    listener.settimeout(0.02)
    attempt(listener.accept)
attempt(socket.create_connection, address)
print(errno.errorcode[socket.socket().connect_ex(address)])
attempt(socket.socket().getpeername)
attempt(socket.socket().recv, 1)
attempt(socket.socket().send, b"1")
attempt(socket.socket().accept)

title("udp")
with (
    socket.socket(type=socket.SOCK_DGRAM) as one,
    socket.socket(type=socket.SOCK_DGRAM) as two,
):
    two.bind(("127.0.0.1", 0))
    one.sendto(b"first", two.getsockname())
    one.connect(two.getsockname())
    one.send(b"second")
    print(two.recvfrom(3)[0], two.recv(99), one.getpeername() == two.getsockname())
    two.settimeout(0.02)
    attempt(two.recv, 1)

title("select")
one, other = socket.socketpair()
print([len(ready) for ready in select.select([one], [one], [], 0)])
other.send(b"x")
print([len(ready) for ready in select.select([one], [], [], 1)])
with selectors.DefaultSelector() as selector:
    selector.register(one, selectors.EVENT_READ, "data")
    [(key, events)] = selector.select(1)
    print(type(selector).__name__, key.data, events == selectors.EVENT_READ)
    one.recv(1)
    print(selector.select(0.01), selector.select(0), selector.select(-1))
with select.epoll() as epoll:
    epoll.register(one, select.EPOLLIN)
    other.close()
    print(
        [
            (fd == one.fileno(), events & select.EPOLLHUP > 0)
            for fd, events in epoll.poll(1)
        ]
    )
one.close()

title("options")
with socket.socket() as sock:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    print(sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    print(sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
    print(sock.getsockname())

title("a small buffer")
with socket.create_server(("127.0.0.1", 0)) as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client = socket.create_connection(listener.getsockname())
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    server, _ = listener.accept()
    client.setblocking(False)
    sent = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            sent += client.send(bytes(1000))
    print(0 < sent < 100_000)
    got = 0
    while got < sent:
        got += len(server.recv(65536))
    print(got == sent, client.send(b"more"), server.recv(9))
    client.close()
    server.close()

title("names")
print(socket.getaddrinfo("127.0.0.1", "80", proto=socket.IPPROTO_TCP))
print(socket.gethostbyname("localhost"), socket.inet_aton("127.0.0.1"))
attempt(socket.getaddrinfo, "127.0.0.1", "nonesuch")
