"""Streams: TCP and Unix, limits, ends, back-pressure, files."""

import asyncio
import os
import socket
import tempfile
from pathlib import Path


def title(text):
    print(f"-- {text}")


async def echo(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.write(b"bye\n")
    writer.close()
    await writer.wait_closed()


async def tcp():
    title("tcp")
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        print(host, port > 1023, server.is_serving())
        reader, writer = await asyncio.open_connection(host, port)
        print(writer.get_extra_info("peername") == (host, port))
        writer.write(b"one\ntwo\n")
        print(await reader.readline(), await reader.readuntil(b"\n"))
        writer.write_eof()
        print(writer.can_write_eof(), await reader.read(), reader.at_eof())
        writer.close()
        await writer.wait_closed()
        print(writer.is_closing(), writer.transport.is_closing())
        one, two = await asyncio.gather(
            *(asyncio.open_connection(host, port) for _ in range(2))
        )
        for number, (reader, writer) in enumerate([one, two]):
            writer.write(b"%d\n" % number)
            print(await reader.readline())
            writer.write_eof()
            print(await reader.read())
            writer.close()
            await writer.wait_closed()
    for target in ("127.0.0.1", port), ("localhost", port):
        try:
            await asyncio.open_connection(*target)
        except OSError as error:
            print(type(error).__name__, error.errno, "onnect call failed" in str(error))


async def unix():
    title("unix")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "socket")
        async with await asyncio.start_unix_server(echo, path):
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b"unix\n")
            print(await reader.readline(), os.path.exists(path))
            writer.write_eof()
            print(await reader.read())
            print(
                repr(writer.get_extra_info("sockname")),
                writer.get_extra_info("peername") == path,
            )
            writer.close()
            await writer.wait_closed()
        print(os.path.exists(path))
        try:
            await asyncio.open_unix_connection(path + "none")
        except FileNotFoundError as error:
            print(error)


async def limits():
    title("limits")
    reader = asyncio.StreamReader(limit=8)
    reader.feed_data(b"0123456789abcdef\nrest")
    reader.feed_eof()
    try:
        await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError as error:
        print(error, error.consumed)
    try:
        await reader.readexactly(100)
    except asyncio.IncompleteReadError as error:
        print(error, error.partial)

    async def cut_off(reader, writer):
        await reader.readline()
        writer.transport.abort()

    async with await asyncio.start_server(cut_off, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"go\n")
        try:
            print(await reader.read())
        except ConnectionResetError as error:
            print(error)
        writer.close()


async def pressure():
    title("back-pressure")
    go, amount = asyncio.Event(), 20_000_000

    async def slow(reader, writer):
        await go.wait()
        print(len(await reader.readexactly(amount)))
        writer.write(b"got it")
        writer.close()

    async with await asyncio.start_server(slow, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        sock = writer.get_extra_info("socket")
        print(sock.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_STREAM)
        writer.write(bytes(amount))
        draining = asyncio.create_task(writer.drain())
        await asyncio.sleep(0.05)
        print("drained", draining.done(), writer.transport.get_write_buffer_size() > 0)
        go.set()
        await draining
        print(await reader.read(), writer.transport.get_write_buffer_limits())
        writer.close()


class Protocol(asyncio.Protocol):
    def __init__(self, name, done):
        self.name, self.done = name, done

    def connection_made(self, transport):
        print(self.name, "made", type(transport).__name__)
        self.transport = transport

    def data_received(self, data):
        print(self.name, "data", data)
        if self.name == "server":
            self.transport.write(data[::-1])

    def eof_received(self):
        print(self.name, "eof")

    def connection_lost(self, error):
        print(self.name, "lost", error)
        if not self.done.done():
            self.done.set_result(None)


async def protocols():
    title("protocols")
    loop = asyncio.get_running_loop()
    ends = [loop.create_future(), loop.create_future()]
    server = await loop.create_server(
        lambda: Protocol("server", ends[0]), "127.0.0.1", 0
    )
    address = server.sockets[0].getsockname()
    transport, _ = await loop.create_connection(
        lambda: Protocol("client", ends[1]), *address
    )
    transport.writelines([b"ab", b"cd"])
    await asyncio.sleep(0.05)
    transport.pause_reading()
    print(transport.is_reading())
    transport.resume_reading()
    transport.write_eof()
    await asyncio.gather(*ends)
    server.close()
    await server.wait_closed()


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, name):
        self.name, self.heard = name, asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, sender):
        print(self.name, data)
        if self.name == "server":
            self.transport.sendto(data.upper(), sender)
        self.heard.set_result(data)


async def datagrams():
    title("udp")
    loop = asyncio.get_running_loop()
    server, there = await loop.create_datagram_endpoint(
        lambda: Datagrams("server"), local_addr=("127.0.0.1", 0)
    )
    client, here = await loop.create_datagram_endpoint(
        lambda: Datagrams("client"), remote_addr=server.get_extra_info("sockname")
    )
    client.sendto(b"datagram")
    print(await here.heard, await there.heard)
    client.close()
    server.close()


async def files():
    title("sendfile")
    loop = asyncio.get_running_loop()

    async def give(reader, writer):
        with open(__file__, "rb") as file:
            print(await loop.sendfile(writer.transport, file, 0, 50))
        writer.close()

    async with await asyncio.start_server(give, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        data = await reader.read()
        print(data == Path(__file__).read_bytes()[:50])
        writer.close()


async def by_socket():
    title("sock_*")
    loop = asyncio.get_running_loop()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    client = socket.socket()
    client.setblocking(False)
    accepting = asyncio.create_task(loop.sock_accept(listener))
    await loop.sock_connect(client, listener.getsockname())
    served, address = await accepting
    print(address == client.getsockname())
    await loop.sock_sendall(served, b"hello, socket")
    buffer = bytearray(5)
    print(
        await loop.sock_recv_into(client, buffer),
        buffer,
        await loop.sock_recv(client, 99),
    )
    with open(__file__, "rb") as file:
        print(
            await loop.sock_sendfile(served, file, 0, 20),
            await loop.sock_recv(client, 99),
        )
    loop.add_reader(client, lambda: print("readable", client.recv(9)))
    served.send(b"x")
    await asyncio.sleep(0.05)
    print(loop.remove_reader(client), loop.remove_reader(client))
    try:
        await asyncio.wait_for(loop.sock_recv(client, 1), 0.02)
    except TimeoutError:
        print("nothing came")
    served.close()
    print(await loop.sock_recv(client, 1))
    refused = socket.socket()
    refused.setblocking(False)
    port = listener.getsockname()[1]
    for sock in client, listener:
        sock.close()
    try:
        await loop.sock_connect(refused, ("127.0.0.1", port))
    except ConnectionRefusedError as error:
        print(error.errno, str(error).replace(str(port), "PORT"))
    refused.close()
    infos = await loop.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)
    print(infos)


async def order():
    title("order of what is ready")
    loop, pairs = asyncio.get_running_loop(), [socket.socketpair() for _ in range(4)]
    for number, (ours, _) in enumerate(pairs):
        loop.add_reader(ours, lambda n=number, s=ours: print(n, s.recv(1)))
    for number in 2, 0, 3, 1:
        pairs[number][1].send(b"x")
    await asyncio.sleep(0.05)
    for ours, theirs in pairs:
        loop.remove_reader(ours)
        ours.close()
        theirs.close()


async def main():
    for part in (
        order,
        tcp,
        unix,
        limits,
        pressure,
        protocols,
        datagrams,
        files,
        by_socket,
    ):
        await part()


asyncio.run(main())
