# /// script
# [tool.example]
# needs = ["files", "loopback"]
# ///

"""start_tls: the same connection goes on, encrypted."""

import asyncio
import ssl
import tempfile
from pathlib import Path

# A key that everybody has read: for this lesson alone.
PEM = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglE3UgXnWtMzfBhNV
Y1PdBkU7iGO09BI25DhXn+aaC0+hRANCAAQ2kNOTuSR72V5b2kSp86w7QJLe+QUF
hJ92XU+VuxgN7Oa6kb1TxlxWsdYdsiRo8J0pRwON5iEVVFV8O1LWaxEp
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBZzCCAQygAwIBAgIBATAKBggqhkjOPQQDAjARMQ8wDQYDVQQDDAZsZXNzb24w
IBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBExDzANBgNVBAMMBmxl
c3NvbjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDaQ05O5JHvZXlvaRKnzrDtA
kt75BQWEn3ZdT5W7GA3s5rqRvVPGXFax1h2yJGjwnSlHA43mIRVUVXw7UtZrESmj
UzBRMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgKEMA8GA1UdEQQIMAaH
BH8AAAEwHQYDVR0OBBYEFDeXNht0l/hnSvia6UMpH3T7iV7tMAoGCCqGSM49BAMC
A0kAMEYCIQCsBdklrJxRobDtDQMLAuTf57RJAxH497SZtTDkCIwY1QIhAPVrjRbn
/9WHIZG9bX89WhNbxMlaBP7RnWS4ypCPGpzb
-----END CERTIFICATE-----
"""


def for_the_server() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "key.pem")
        file.write_text(PEM)
        context.load_cert_chain(file)
    return context


async def main() -> None:
    mine = for_the_server()
    yours = ssl.create_default_context(cadata=PEM)

    async def serve(
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        writer.write(b"let us whisper\n")
        await writer.start_tls(mine)
        print("server:", (await reader.readline()).decode().strip())
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address, port = server.sockets[0].getsockname()
    async with server:
        reader, writer = await asyncio.open_connection(address, port)
        print("client:", (await reader.readline()).decode().strip())
        await writer.start_tls(yours, server_hostname=address)
        print("client:", writer.get_extra_info("ssl_object").version())
        writer.write(b"the cake is a surprise\n")
        await reader.read()  # until the server has closed
        writer.close()
        await writer.wait_closed()


if __name__ == "__main__":
    asyncio.run(main())
