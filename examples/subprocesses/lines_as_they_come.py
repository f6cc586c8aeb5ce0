# /// script
# [tool.example]
# needs = ["subprocess"]
# ///

"""The loop runs other tasks while a child works, line by line."""

import asyncio
import sys

BAKER = """
import time
for step in ("knead", "shape", "bake"):
    print(step, flush=True)
    time.sleep(0.2)
"""
served: list[str] = []


async def listen(baker: asyncio.subprocess.Process) -> None:
    assert baker.stdout is not None  # it is, with stdout=PIPE
    async for line in baker.stdout:  # paused here until a line is there
        print("baker:", line.decode().rstrip())
    print("baker: no more lines; customers served?", len(served) > 2)


async def serve() -> None:
    for customer in ("Ada", "Grace", "Alan", "Edsger", "Barbara"):
        await asyncio.sleep(0.1)
        served.append(customer)
    await asyncio.sleep(0.5)


async def main() -> None:
    baker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", BAKER),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(listen(baker), name="listener")
        group.create_task(serve(), name="counter")
    print("main: exit status", await baker.wait())


if __name__ == "__main__":
    asyncio.run(main())
