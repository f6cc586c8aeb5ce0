# /// script
# [tool.example]
# needs = ["subprocess"]
# ///

"""communicate() empties the pipes while it waits for the end."""

import asyncio
import sys

PRINTER = "print('page\\n' * 1_000_000)"


async def main() -> None:
    printer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PRINTER),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,  # one pipe for both
    )
    output, _ = await printer.communicate()
    print("pages:", output.count(b"page"))
    print("exit status:", printer.returncode)


if __name__ == "__main__":
    asyncio.run(main())
