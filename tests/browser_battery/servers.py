"""Servers and clients of the standard library, in threads and beside a loop."""

import asyncio
import http.client
import http.server
import socketserver
import threading
import urllib.error
import urllib.request


def title(text):
    print(f"-- {text}")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"you asked for {self.path}".encode()
        self.send_response(404 if "none" in self.path else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))[::-1]
        self.send_response(201, "Made")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, text, *args):
        print("log:", text % args)


title("http.server")
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    port = server.server_port
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/a", timeout=5) as reply:
        print(reply.status, reply.read())
    connection = http.client.HTTPConnection("localhost", port, timeout=5)
    for method, path, body in ("GET", "/b", None), ("POST", "/c", b"reversed"):
        connection.request(method, path, body)
        reply = connection.getresponse()
        print(reply.status, reply.reason, reply.read())
    connection.close()
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/none")
    except urllib.error.HTTPError as error:
        print(error, error.read())
        error.close()

    async def many():
        def fetch(i):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{i}") as reply:
                return reply.read().decode()

        return await asyncio.gather(*(asyncio.to_thread(fetch, i) for i in range(3)))

    Handler.log_message = lambda *_: None
    print(asyncio.run(many()))
    server.shutdown()
    thread.join()
try:
    urllib.request.urlopen(f"http://127.0.0.1:{port}/")
except urllib.error.URLError as error:
    print(error)

title("socketserver")


class Upper(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line.upper())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


with Server(("127.0.0.1", 0), Upper) as server:
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()

    async def talk(text):
        reader, writer = await asyncio.open_connection(*server.server_address)
        writer.write(text.encode() + b"\n")
        writer.write_eof()
        line = await reader.read()
        writer.close()
        await writer.wait_closed()
        return line

    async def both():
        return await asyncio.gather(talk("one"), talk("two"))

    print(asyncio.run(both()))
    server.shutdown()
    thread.join()

title("a loop that serves, a thread that asks")


async def greet(reader, writer):
    request = await reader.readuntil(b"\r\n\r\n")
    body = request.split()[1]
    writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    await writer.drain()
    writer.close()


def ask(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/asked", timeout=5) as reply:
        return reply.read()


async def main():
    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        print(await asyncio.to_thread(ask, server.sockets[0].getsockname()[1]))


asyncio.run(main())
