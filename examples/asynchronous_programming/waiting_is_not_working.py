"""Fifty tasks wait at once, and the processor is idle."""

import asyncio
import threading
import time


async def wait() -> str:
    await asyncio.sleep(1)  # paused; the thread is free for the others
    return threading.current_thread().name


async def main() -> None:
    clock, processor = time.perf_counter(), time.process_time()
    threads = await asyncio.gather(*(wait() for _ in range(50)))
    print(f"waits of one second: {len(threads)}")
    print("threads that ran them:", *set(threads))
    print(f"seconds on the clock: {time.perf_counter() - clock:.0f}")
    used = time.process_time() - processor
    print(f"seconds of processor time: {used:.0f}")


if __name__ == "__main__":
    asyncio.run(main())
