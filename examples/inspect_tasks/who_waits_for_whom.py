# /// script
# requires-python = ">=3.14"
# ///

"""The call graph goes on from a task to those who wait for it."""

import asyncio
import io
import re


async def bake() -> None:
    await asyncio.sleep(0.1)


async def order(cake: asyncio.Task[None]) -> None:
    await cake
    print("guest: thank you")


def shorten(text: str) -> str:
    text = re.sub(r", id=0x\w+", "", text)
    return re.sub(r"File '.*', line \d+, in ", "", text)


async def main() -> None:
    cake = asyncio.create_task(bake(), name="cake")
    guest = asyncio.create_task(order(cake), name="guest")
    await asyncio.sleep(0)  # main pauses; both begin to wait
    text = asyncio.format_call_graph(cake)
    print(shorten(text))
    asyncio.print_call_graph(cake, file=(log := io.StringIO()))
    print("printed is the same?", log.getvalue() == text + "\n")
    graph = asyncio.capture_call_graph(cake)
    assert graph is not None
    (waiting,) = graph.awaited_by
    print("the guest waits for the cake?", waiting.future is guest)
    inner = [entry.frame.f_code.co_name for entry in graph.call_stack]
    print("the cake, from inside out:", *inner)
    await guest


if __name__ == "__main__":
    asyncio.run(main())
