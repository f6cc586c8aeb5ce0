# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""One loop serves coroutines, tasks, a thread, a future, a callback."""

import asyncio
import time


async def knock(times: int) -> str:
    for _ in range(times):
        await asyncio.sleep(0.5)  # gives way, so the others get on
    return f"knocked {times} times"


def read_slowly() -> str:
    time.sleep(0.2)  # blocks, but in a thread of its own
    return "read the file"


async def main() -> None:
    loop = asyncio.get_running_loop()
    post: asyncio.Future[str] = loop.create_future()
    loop.call_later(3, post.set_result, "the post came")

    async with asyncio.TaskGroup() as group:
        door = group.create_task(knock(2))
        file = group.create_task(asyncio.to_thread(read_slowly))
        for task in (door, file):
            task.add_done_callback(lambda done: print(done.result()))
    # Both tasks are done here; the future is not.
    print("post there:", post.done())
    print(await post)


if __name__ == "__main__":
    asyncio.run(main())
