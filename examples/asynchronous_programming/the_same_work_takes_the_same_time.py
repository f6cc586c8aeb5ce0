"""As tasks, a computation needs the processor for as long as before."""

import asyncio
import time


def add_up() -> int:
    return sum(n * n for n in range(50_000))


async def add_up_in_a_task() -> int:
    return add_up()


async def main() -> None:
    as_calls, as_tasks = [], []
    for _ in range(30):  # the shortest of many is not a busy moment
        start = time.process_time()
        from_calls = [add_up(), add_up(), add_up()]
        middle = time.process_time()
        three = (add_up_in_a_task() for _ in range(3))
        from_tasks = await asyncio.gather(*three)
        end = time.process_time()
        as_calls.append(middle - start)
        as_tasks.append(end - middle)
    ratio = min(as_tasks) / min(as_calls)
    print("sum of the calls:", sum(from_calls))
    print("sum of the tasks:", sum(from_tasks))
    print(f"measured {len(as_calls)} times")
    print(f"processor time, tasks to calls: {ratio:.0f} to 1")


if __name__ == "__main__":
    asyncio.run(main())
