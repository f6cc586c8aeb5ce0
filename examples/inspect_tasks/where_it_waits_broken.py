"""The stack of a paused task ends where the task begins."""

import asyncio
import io


async def take_order() -> None:
    await asyncio.Event().wait()  # nobody will set it


async def serve() -> None:
    await take_order()


async def main() -> None:
    waiter = asyncio.create_task(serve(), name="waiter")
    await asyncio.sleep(0)
    text = io.StringIO()
    waiter.print_stack(file=text)
    print("frames:", text.getvalue().count("File "))
    print("last line:", text.getvalue().splitlines()[-1].strip())


if __name__ == "__main__":
    asyncio.run(main())
