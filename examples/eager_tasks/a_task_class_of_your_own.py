# /// script
# requires-python = ">=3.12"
# ///

"""create_eager_task_factory makes tasks of your class, eagerly."""

import asyncio
from typing import Any


class Counted(asyncio.Task[Any]):
    steps_saved = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.done():
            Counted.steps_saved += 1


async def fetch(page: int) -> int:
    if page % 2:
        await asyncio.sleep(0.1)  # not in the cache
    return page


async def main() -> None:
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.create_eager_task_factory(Counted))
    print(await asyncio.gather(*(fetch(page) for page in range(5))))
    print("done before they were tasks:", Counted.steps_saved)


if __name__ == "__main__":
    asyncio.run(main())
