# /// script
# [tool.example]
# needs = ["subprocess"]
# ///

"""Two tasks empty two pipes, so that neither can fill up."""

import asyncio
import sys
from asyncio.subprocess import PIPE

PRINTER = """
import sys
for page in range(1, 4):
    print("page", page)
    print("ink is low", file=sys.stderr)
print("x" * 500_000, file=sys.stderr)
"""


async def listen(
    name: str,
    stream: asyncio.StreamReader | None,
    lines: list[str],
) -> None:
    assert stream is not None  # it is, with PIPE
    async for line in stream:
        lines.append(f"{name}: {line.decode().strip()[:12]}")


async def main() -> None:
    printer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PRINTER),
        stdout=PIPE,
        stderr=PIPE,
        limit=1_000_000,
    )
    pages: list[str] = []
    errors: list[str] = []
    async with asyncio.TaskGroup() as group:
        group.create_task(listen("page", printer.stdout, pages))
        group.create_task(listen("error", printer.stderr, errors))
    print(*pages, *errors, sep="\n")
    print("exit status:", await printer.wait())


if __name__ == "__main__":
    asyncio.run(main())
