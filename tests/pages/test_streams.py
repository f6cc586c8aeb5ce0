"""The claims of `how-to/streams.md`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import ssl
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pytest

import virtual_clock
from programs import EXAMPLES

T = TypeVar("T")
Load = Callable[[str], ModuleType]
Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
HERE = EXAMPLES / "streams"
DEADLINE = 30
BIG = b"x" * 20_000_000  # more than fits between two sockets


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main`, and fail if that takes too long."""

    async def in_time() -> T:
        async with asyncio.timeout(DEADLINE):
            return await main

    return asyncio.run(in_time())


@contextlib.asynccontextmanager
async def pair(**options: int) -> AsyncIterator[tuple[Reader, Writer, Writer, Reader]]:
    """A reader and a writer of one end, then a writer and a reader of the other."""
    mine, other = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=mine, **options)
    far_reader, far_writer = await asyncio.open_connection(sock=other)
    try:
        yield reader, writer, far_writer, far_reader
    finally:
        for each in (writer, far_writer):
            if not each.is_closing():
                each.transport.abort()
            with contextlib.suppress(ConnectionError):
                await each.wait_closed()


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def changed(program: str, old: str, new: str) -> dict[str, Any]:
    """The names of a program in which `old` reads `new`."""
    source = (HERE / f"{program}.py").read_text("utf-8")
    assert source.count(old) == 1
    names: dict[str, Any] = {"__name__": "changed"}
    exec(compile(source.replace(old, new), program, "exec"), names)
    return names


def test_a_task_for_each() -> None:
    """For each client that connects it makes a task of `serve`, with a reader and a writer of that connection."""
    tasks: dict[bytes, asyncio.Task[Any] | None] = {}

    async def serve(reader: Reader, writer: Writer) -> None:
        name = await reader.readline()
        tasks[name] = asyncio.current_task()
        writer.write(b"hello " + name)
        writer.close()
        await writer.wait_closed()

    async def main() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            for name in (b"Ada\n", b"Grace\n"):
                host, port = server.sockets[0].getsockname()
                reader, writer = await asyncio.open_connection(host, port)
                writer.write(name)
                assert await reader.read() == b"hello " + name
                writer.close()
                await writer.wait_closed()

    run(main())
    assert len(set(tasks.values())) == 2
    assert all(task.get_coro().__name__ == "serve" for task in tasks.values())


def test_grace_is_served_first(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Grace asked second and is served first."""
    run(load("streams/a_task_for_each_guest").main())
    lines = told(capsys)
    asked = [lines.index(f"{n}, please") for n in ("Ada: bread", "Grace: tea")]
    served = [lines.index(f"{n}") for n in ("Grace: here is your tea",)]
    assert asked == [0, 1]
    assert served == [2]


def test_a_guest_who_fails(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """`visit` closes its connection in a `finally`, so a guest who fails does not keep the server waiting."""
    program = load("streams/a_task_for_each_guest")

    def fail(line: str) -> None:
        raise LookupError(line)

    monkeypatch.setattr(program, "print", fail, raising=False)
    with pytest.raises(ExceptionGroup):
        run(program.main())


def test_a_reader_pauses() -> None:
    """A reader pauses its task until something has come."""

    async def main() -> None:
        async with pair() as (reader, _, far_writer, _):
            line = asyncio.create_task(reader.readline())
            done, _ = await asyncio.wait([line], timeout=0.05)
            assert not done
            far_writer.write(b"tea\n")
            assert await line == b"tea\n"

    run(main())


def test_a_writer_does_not() -> None:
    """A writer does not pause: `write` sends what the system takes at once, and leaves the rest to the loop, which sends it while the others have their turns."""
    turns: list[str] = []

    async def main() -> None:
        mine, other = socket.socketpair()
        with other:
            other.setblocking(False)
            _, writer = await asyncio.open_connection(sock=mine)
            writer.write(b"tea")
            assert other.recv(100) == b"tea"  # and the loop has had no turn
            writer.close()
            await writer.wait_closed()
        async with pair() as (_, writer, _, far_reader):
            asyncio.get_running_loop().call_soon(turns.append, "another")
            writer.write(BIG)
            assert turns == []
            assert writer.transport.get_write_buffer_size() > 0
            assert await far_reader.readexactly(len(BIG)) == BIG
            assert turns == ["another"]
            assert writer.transport.get_write_buffer_size() == 0

    run(main())


def test_drain() -> None:
    """It returns at once while the buffer is small, and waits while the other side does not keep up."""

    async def main() -> None:
        async with pair() as (_, writer, _, far_reader):
            turns: list[str] = []
            writer.write(b"tea\n")
            asyncio.get_running_loop().call_soon(turns.append, "another")
            await writer.drain()
            assert turns == []
            writer.write(BIG)
            drained = asyncio.create_task(writer.drain())
            done, _ = await asyncio.wait([drained], timeout=0.05)
            assert not done
            await far_reader.readexactly(4 + len(BIG))
            await drained

    run(main())


def test_the_end() -> None:
    """`readline` returns `b""` at the end of what the other side sends."""

    async def main() -> None:
        async with pair() as (reader, _, far_writer, _):
            far_writer.write(b"tea\n")
            far_writer.write_eof()
            lines = [await reader.readline() for _ in range(3)]
            assert lines == [b"tea\n", b"", b""]
            assert reader.at_eof()

    run(main())


def test_one_end() -> None:
    """`write_eof` is that end: Ada says nothing more, and can still read."""

    async def main() -> None:
        async with pair() as (reader, writer, far_writer, far_reader):
            writer.write_eof()
            assert await far_reader.read() == b""
            far_writer.write(b"here you are\n")
            assert await reader.readline() == b"here you are\n"
            with pytest.raises(RuntimeError):
                writer.write(b"and")

    run(main())


async def nothing(reader: Reader, writer: Writer) -> None:
    writer.close()
    await writer.wait_closed()


def test_the_block_closes_it() -> None:
    """`async with server` closes the server at the end of the block and, from Python 3.12 on, waits there until every guest has left."""

    async def serve(reader: Reader, writer: Writer) -> None:
        writer.write(b"hello\n")
        await reader.read()
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        await reader.readline()

        async def block() -> None:
            async with server:
                pass

        left = asyncio.create_task(block())
        await asyncio.wait([left], timeout=0.1)
        assert left.done() is (sys.version_info < (3, 12))
        writer.close()
        await writer.wait_closed()
        await left
        async with await asyncio.start_server(nothing, "127.0.0.1", 0) as server:
            host, port = server.sockets[0].getsockname()
            assert server.is_serving()
        assert not server.is_serving()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(host, port)

    run(main())


def test_an_error_in_serve(caplog: pytest.LogCaptureFixture) -> None:
    """An error in `serve` ends that task and is logged; the server and the other guests go on."""

    async def serve(reader: Reader, writer: Writer) -> None:
        try:
            order = await reader.readline()
            if order == b"poison\n":
                raise LookupError("no poison here")
            writer.write(order.upper())
        finally:
            writer.close()

    async def main() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            host, port = server.sockets[0].getsockname()
            ends = [await asyncio.open_connection(host, port) for _ in range(3)]
            orders = (b"tea\n", b"poison\n", b"cake\n")
            heard = {}
            for index in (1, 0, 2):
                reader, writer = ends[index]
                writer.write(orders[index])
                heard[orders[index]] = await reader.read()
                writer.close()
                await writer.wait_closed()
            assert heard == {b"tea\n": b"TEA\n", b"poison\n": b"", b"cake\n": b"CAKE\n"}

    with caplog.at_level(logging.ERROR, logger="asyncio"):
        run(main())
    assert "no poison here" in caplog.text


def test_read() -> None:
    """`read(100)` returns what is there, as soon as there is anything, and never more than 100 bytes."""

    async def main() -> None:
        async with pair() as (reader, _, far_writer, _):
            far_writer.write(b"tea\n")
            assert await reader.read(100) == b"tea\n"
            far_writer.write(b"x" * 250)
            far_writer.write_eof()
            sizes = [len(part) async for part in parts(reader)]
            assert sum(sizes) == 250
            assert max(sizes) <= 100

    async def parts(reader: Reader) -> AsyncIterator[bytes]:
        while part := await reader.read(100):
            yield part

    run(main())


def test_the_half_order() -> None:
    """The half order waits in the reader until the rest has come."""

    async def main() -> None:
        async with pair() as (reader, _, far_writer, _):
            lines: list[bytes] = []

            async def listen() -> None:
                async for line in reader:
                    lines.append(line)

            listener = asyncio.create_task(listen())
            far_writer.write(b"tea\nsou")
            await asyncio.wait([listener], timeout=0.05)
            assert lines == [b"tea\n"]
            far_writer.write(b"p\n")
            far_writer.write_eof()
            await listener
            assert lines == [b"tea\n", b"soup\n"]

    run(main())


def test_a_whole_one_or_an_error() -> None:
    """If the connection ends before, it raises `IncompleteReadError`, with what had come in `partial`; no half letter passes for a whole one."""

    async def main() -> None:
        async with pair() as (reader, _, far_writer, _):
            far_writer.write(b"whole" + b"hal")
            far_writer.write_eof()
            assert await reader.readexactly(5) == b"whole"
            with pytest.raises(asyncio.IncompleteReadError) as caught:
                await reader.readexactly(5)
            assert (caught.value.partial, caught.value.expected) == (b"hal", 5)

    run(main())


def test_up_to_the_mark() -> None:
    """`readuntil` gives everything up to the mark, and the mark with it."""

    async def main() -> None:
        async with pair() as (reader, _, far_writer, _):
            far_writer.write(b"tea;cake;")
            assert await reader.readuntil(b";") == b"tea;"
            assert await reader.readuntil(b";") == b"cake;"

    run(main())


def test_a_limit() -> None:
    """So a reader has a limit, 64 KiB if you do not set one, and a longer word raises `LimitOverrunError`."""

    async def main(size: int, **options: int) -> None:
        async with pair(**options) as (reader, _, far_writer, _):
            far_writer.write(b"x" * size + b";")
            assert len(await reader.readuntil(b";")) == size + 1

    run(main(64 * 1024))
    with pytest.raises(asyncio.LimitOverrunError):
        run(main(64 * 1024 + 1))
    run(main(64 * 1024 + 1, limit=100_000))
    with pytest.raises(asyncio.LimitOverrunError):
        run(main(9, limit=8))


def test_skip_it() -> None:
    """It stays in the buffer: skip `consumed` bytes to go on, or close."""

    async def main() -> None:
        async with pair(limit=8) as (reader, _, far_writer, _):
            far_writer.write(b"much too long;tea;")
            with pytest.raises(asyncio.LimitOverrunError) as caught:
                await reader.readuntil(b";")
            skipped = await reader.readexactly(caught.value.consumed)
            assert skipped == b"much too long"
            assert await reader.readuntil(b";") == b";"
            assert await reader.readuntil(b";") == b"tea;"

    run(main())


def test_readline_drops_it() -> None:
    """(`readline` raises `ValueError` in its place, and drops what it has.)"""

    async def main() -> None:
        async with pair(limit=8) as (reader, _, far_writer, _):
            far_writer.write(b"much too long\ntea\n")
            with pytest.raises(ValueError, match="limit"):
                await reader.readline()
            assert await reader.readline() == b"tea\n"

    run(main())


def test_check_a_length() -> None:
    """`readexactly` and `read()` have no limit, so check a length before you wait for so much: two bytes cannot ask for more than 64 KiB."""

    async def main() -> None:
        async with pair(limit=8) as (reader, _, far_writer, _):
            far_writer.write(BIG[:50_000])
            assert len(await reader.readexactly(20_000)) == 20_000
            far_writer.write_eof()
            assert len(await reader.read()) == 30_000
        assert int.from_bytes(b"\xff\xff") == 64 * 1024 - 1

    run(main())


def test_a_client_that_says_nothing() -> None:
    """Nothing here ends a client that connects and says nothing."""

    async def main() -> None:
        async with pair() as (reader, _, _, _):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(24 * 3600):
                    await reader.readline()

    virtual_clock.run(main())


def test_close_ends_the_listening() -> None:
    """`server.close()` ends the listening, and nothing else."""

    async def serve(reader: Reader, writer: Writer) -> None:
        writer.write(await reader.readline())
        writer.close()
        await writer.wait_closed()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        await asyncio.sleep(0)
        server.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(host, port)
        writer.write(b"bread\n")
        assert await reader.readline() == b"bread\n"
        writer.close()
        await writer.wait_closed()
        await server.wait_closed()

    run(main())


def test_wait_closed_of_a_server() -> None:
    """`wait_closed` waits for open connections only from Python 3.12.1 on; on 3.11 it returns at once."""

    async def serve(reader: Reader, writer: Writer) -> None:
        writer.write(b"hello\n")
        await reader.readline()
        writer.close()
        await writer.wait_closed()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        await reader.readline()
        server.close()
        closed = asyncio.create_task(server.wait_closed())
        await asyncio.wait([closed], timeout=0.1)
        assert closed.done() is (sys.version_info < (3, 12))
        writer.write(b"bye\n")
        await reader.read()
        writer.close()
        await writer.wait_closed()
        await closed

    run(main())


def test_close_of_a_writer() -> None:
    """The same rule holds for one connection: `writer.close()` returns at once, sends what is still buffered, and then ends it; `wait_closed` waits for that."""

    async def main() -> None:
        async with pair() as (_, writer, _, far_reader):
            writer.write(BIG)
            writer.close()
            assert writer.is_closing()
            closed = asyncio.create_task(writer.wait_closed())
            await asyncio.wait([closed], timeout=0.05)
            assert not closed.done()
            assert await far_reader.read() == BIG
            await closed

    run(main())


@pytest.mark.skipif(
    sys.version_info < (3, 13), reason="Server.close_clients needs Python 3.13"
)
def test_show_them_out() -> None:
    """`close_clients` closes each connection as `writer.close()` does, so it still wants to deliver the book."""
    written = asyncio.Event()

    async def serve(reader: Reader, writer: Writer) -> None:
        writer.write(BIG)
        written.set()
        await reader.read()

    async def main(how: str) -> None:
        written.clear()
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        await written.wait()
        server.close()
        getattr(server, how)()
        book = await reader.read()
        assert (book == BIG) is (how == "close_clients")
        writer.close()
        await writer.wait_closed()
        await server.wait_closed()

    run(main("close_clients"))
    run(main("abort_clients"))


def test_abort_one() -> None:
    """Before 3.13, `writer.transport.abort()` does the same for one connection."""

    async def main() -> None:
        async with pair() as (_, writer, _, far_reader):
            writer.write(BIG)
            writer.transport.abort()
            await writer.wait_closed()
            assert 0 < len(await far_reader.read()) < len(BIG)

    run(main())


def test_serve_forever() -> None:
    """`serve_forever` accepts guests until its task is cancelled, and closes the server on the way out. (On 3.12 and 3.13.0 it then waits until the guests have left.)"""

    async def serve(reader: Reader, writer: Writer) -> None:
        writer.write(b"hello\n")
        await reader.read()
        writer.close()

    async def one_stays() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        shop = asyncio.create_task(server.serve_forever())
        reader, writer = await asyncio.open_connection(host, port)
        await reader.readline()
        shop.cancel()
        await asyncio.wait([shop], timeout=0.1)
        if not (3, 12) <= sys.version_info < (3, 14):
            assert shop.done()
        elif sys.version_info < (3, 13, 1):
            assert not shop.done()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        await asyncio.wait([shop])

    run(one_stays())

    async def main() -> None:
        server = await asyncio.start_server(nothing, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        shop = asyncio.create_task(server.serve_forever())
        for _ in range(3):
            reader, writer = await asyncio.open_connection(host, port)
            assert await reader.read() == b""
            writer.close()
            await writer.wait_closed()
        assert not shop.done()
        shop.cancel()
        await asyncio.wait([shop])
        assert shop.cancelled()
        assert not server.is_serving()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(host, port)

    run(main())


@pytest.mark.skipif(os.name != "posix", reason="it needs Unix sockets")
def test_the_socket_file(tmp_path: Path) -> None:
    """From Python 3.13 on a closed server removes its socket file; before, it stays."""
    path = tmp_path / "s"

    async def main() -> None:
        async with await asyncio.start_unix_server(nothing, path):
            assert path.is_socket()

    run(main())
    assert path.exists() is (sys.version_info < (3, 13))


@pytest.mark.skipif(os.name != "posix", reason="it needs Unix sockets")
def test_file_permissions() -> None:
    """Who may connect is then a matter of file permissions."""

    async def main(path: Path) -> None:
        async with await asyncio.start_unix_server(nothing, path):
            for mode in (0o600, 0o666):
                path.chmod(mode)
                if os.geteuid() == 0:
                    nobody = os.fork()
                    if nobody == 0:
                        with socket.socket(socket.AF_UNIX) as knock:
                            os.setuid(65534)
                            os._exit(int(knock.connect_ex(str(path)) == 0))
                    status = os.waitstatus_to_exitcode(os.waitpid(nobody, 0)[1])
                    assert status == (mode == 0o666)
                _, writer = await asyncio.open_unix_connection(path)
                writer.close()
                await writer.wait_closed()

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        run(main(Path(folder, "s")))


def test_slipped_in(load: Load) -> None:
    """One hole stays: what somebody has slipped in behind the last clear line waits in the reader, and comes out after `start_tls` as if it had been private."""
    program = load("streams/start_tls")
    mine = program.for_the_server()
    yours = ssl.create_default_context(cadata=program.PEM)

    async def serve(reader: Reader, writer: Writer) -> None:
        writer.write(b"let us whisper\nslipped in\n")
        await writer.start_tls(mine)
        writer.write(b"private\n")
        await reader.read()
        writer.close()

    async def main() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            host, port = server.sockets[0].getsockname()
            reader, writer = await asyncio.open_connection(host, port)
            assert await reader.readline() == b"let us whisper\n"
            await writer.start_tls(yours, server_hostname=host)
            lines = [await reader.readline() for _ in range(2)]
            assert lines == [b"slipped in\n", b"private\n"]
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    run(main())


def test_one_kitchen_for_each(load: Load) -> None:
    """`create_server` makes one `Kitchen` for each connection, and the loop calls its methods."""
    kitchen = load("streams/a_protocol_is_told").Kitchen
    made: list[Any] = []
    tasks: list[object] = []

    class Seen(kitchen):  # type: ignore[misc, valid-type]
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            made.append(self)
            with contextlib.suppress(RuntimeError):
                tasks.append(asyncio.current_task())

    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with await loop.create_server(Seen, "127.0.0.1", 0) as server:
            host, port = server.sockets[0].getsockname()
            for _ in range(2):
                reader, writer = await asyncio.open_connection(host, port)
                writer.write(b"tea\n")
                assert await reader.readline() == b"TEA\n"
                writer.close()
                await writer.wait_closed()

    run(main())
    assert len(made) == 2
    assert made[0] is not made[1]
    assert tasks == [None, None]  # no task: the loop itself


@pytest.mark.parametrize("duty", ["join", "refuse", "stop"])
def test_what_streams_did(duty: str, load: Load) -> None:
    """What streams did is now yours: join the pieces, refuse a line without an end, and stop reading while the other side does not read."""
    kitchen = load("streams/a_protocol_is_told").Kitchen

    async def main() -> None:
        loop = asyncio.get_running_loop()
        mine, other = socket.socketpair()
        transport, protocol = await loop.create_connection(kitchen, sock=mine)
        reader, writer = await asyncio.open_connection(sock=other)
        if duty == "join":
            for piece in (b"t", b"ea\nca", b"ke", b"\n"):
                protocol.data_received(piece)
            assert await reader.readexactly(9) == b"TEA\nCAKE\n"
        elif duty == "refuse":
            writer.write(b"x" * 2000)
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
            assert transport.is_closing()
        else:
            lines = BIG[:99].replace(b"x" * 9, b"x" * 8 + b"\n") * 200_000
            sent = asyncio.create_task(send(writer, lines))
            await asyncio.wait([sent], timeout=0.5)
            assert not sent.done()  # it does not read what we send
            assert transport.get_write_buffer_size() < len(lines) / 2
            assert len(await reader.readexactly(len(lines))) == len(lines)
            await sent
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def send(writer: Writer, lines: bytes) -> None:
        writer.write(lines)
        await writer.drain()

    run(main())


def test_whole_or_not_at_all() -> None:
    """A datagram comes whole or not at all: what one `sendto` sends is what one `datagram_received` gets."""
    got: asyncio.Queue[bytes] = asyncio.Queue()

    class Listener(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, sender: object) -> None:
            got.put_nowait(data)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        here, _ = await loop.create_datagram_endpoint(
            Listener, local_addr=("127.0.0.1", 0)
        )
        there, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=here.get_extra_info("sockname")
        )
        sizes = (3, 5000, 1)
        for size in sizes:
            there.sendto(b"x" * size)
        assert [len(await got.get()) for _ in sizes] == list(sizes)
        there.close()
        here.close()
        await asyncio.sleep(0)

    run(main())


def test_ask_again(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody tells you of one that was lost (this shop loses the first on purpose), so ask again after a time limit, and expect to be asked twice."""
    run(load("streams/a_datagram_may_be_lost").main())
    assert told(capsys) == ["guest: no answer, once more", "guest: TEA"]


def test_the_next_answer_is_dropped(load: Load) -> None:
    """A queue leads from the callback to `await`; when it is full, the next answer is dropped, as the network might have done."""
    mailbox = load("streams/a_datagram_may_be_lost").Mailbox()
    for number in range(12):
        mailbox.datagram_received(bytes([number]), ("127.0.0.1", 1))
    kept = [mailbox.letters.get_nowait() for _ in range(mailbox.letters.qsize())]
    assert kept == [bytes([number]) for number in range(10)]


def test_the_name_is_checked(load: Load) -> None:
    """The client checks the certificate and the name in it, here `127.0.0.1`."""
    program = load("streams/start_tls")
    trusting = ssl.create_default_context(cadata=program.PEM)

    async def main(context: ssl.SSLContext, name: str) -> str:
        mine = program.for_the_server()
        server = await asyncio.start_server(nothing, "127.0.0.1", 0, ssl=mine)
        host, port = server.sockets[0].getsockname()
        async with server:
            _, writer = await asyncio.open_connection(
                host, port, ssl=context, server_hostname=name
            )
            version = writer.get_extra_info("ssl_object").version()
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
        return version

    assert run(main(trusting, "127.0.0.1")).startswith("TLS")
    with pytest.raises(ssl.SSLCertVerificationError):
        run(main(trusting, "127.0.0.2"))
    with pytest.raises(ssl.SSLCertVerificationError):
        run(main(ssl.create_default_context(), "127.0.0.1"))


def test_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    """The guest ends with `write_eof`, and at the end the reader gives what is left as a last line."""
    same = changed("one_write_one_read_fixed", r"pkin soup\n", "pkin soup")
    run(same["main"]())
    assert told(capsys)[-1] == "kitchen: an order for pumpkin soup"


def test_the_two_times_add_up(load: Load) -> None:
    """After 0.4 seconds in the place of 0.3: an oven that holds the thread leaves no turn to anybody else, and the two times add up."""

    async def timed(main: Callable[[], Coroutine[Any, Any, None]]) -> float:
        loop = asyncio.get_running_loop()
        before = loop.time()
        await main()
        return loop.time() - before

    program = "a_task_for_each_guest"
    blocking = changed(program, "await asyncio.sleep(", "__import__('time').sleep(")
    for main, seconds in (
        (load(f"streams/{program}").main, 0.3),
        (blocking["main"], 0.4),
    ):
        assert virtual_clock.run(timed(main)) == pytest.approx(seconds, abs=0.05)
