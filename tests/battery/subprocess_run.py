"""A child process is started, read and waited for."""

import asyncio
import sys


async def main():
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "print('child')",
        stdout=asyncio.subprocess.PIPE,
    )
    print(await process.stdout.read())
    print(await process.wait())


asyncio.run(main())
