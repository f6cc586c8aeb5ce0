# /// script
# [tool.example]
# needs = ["subprocess"]
# ///

"""Nobody empties the pipe, so the child never ends."""

import asyncio
import sys

PRINTER = "print('page\\n' * 1_000_000)"


async def main() -> None:
    printer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PRINTER),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(1):
            await printer.wait()  # it waits for us, and we for it
        print("the printer has ended")
    except TimeoutError:
        print("the printer does not end")
        printer.kill()
        output, _ = await printer.communicate()
        print("all printed?", output.count(b"page") == 1_000_000)
    print("exit status:", printer.returncode)


if __name__ == "__main__":
    asyncio.run(main())
