"""communicate() without input closes the child's input."""

import asyncio
import sys
from asyncio.subprocess import PIPE

READER = "import sys; sys.stdin.read()"


async def main() -> None:
    command = (sys.executable, "-c", READER)
    child = await asyncio.create_subprocess_exec(*command, stdin=PIPE)
    try:
        async with asyncio.timeout(1):
            await child.communicate()
        print("the child read to the end, and ended")
    except TimeoutError:
        print("the child waits for more")
        child.kill()
        await child.wait()


if __name__ == "__main__":
    asyncio.run(main())
