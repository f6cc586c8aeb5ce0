"""An await gives way only if something beneath it really waits."""

import asyncio


async def other() -> None:
    print("other: my turn at last")


async def answer() -> int:
    print("answer: I know it already")
    return 42


async def main() -> None:
    waiting_for_a_turn = asyncio.create_task(other())
    print("main: awaiting answer()")
    result = await answer()  # nothing in it waits: nobody else runs
    print("main: it is", result)
    print("main: awaiting sleep(0)")
    await asyncio.sleep(0)  # one turn for everybody who is ready
    print("main: back")
    await waiting_for_a_turn


if __name__ == "__main__":
    asyncio.run(main())
