"""to_thread takes the context along; run_in_executor does not."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context

current: ContextVar[str] = ContextVar("current", default="nobody")


def cook(dish: str) -> str:
    for_whom = current.get()
    current.set("the cook")
    return f"{dish} for {for_whom}"


async def main() -> None:
    current.set("Ada")
    print(await asyncio.to_thread(cook, "soup"))

    run = asyncio.get_running_loop().run_in_executor
    with ThreadPoolExecutor(max_workers=1) as pool:
        print(await run(pool, cook, "bread"))
        print(await run(pool, cook, "cake"))  # what is left in there?
        print(await run(pool, copy_context().run, cook, "tea"))
    print("main serves", current.get())


if __name__ == "__main__":
    asyncio.run(main())
