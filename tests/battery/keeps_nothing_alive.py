"""What a program lets go is gone, whoever looks at its variables."""

import asyncio
import weakref


class Thing:
    pass


async def work(thing, lock):
    seen = weakref.ref(thing)
    thing = None
    async with lock:
        return seen() is None


async def main():
    lock = asyncio.Lock()
    thing = Thing()
    seen = weakref.ref(thing)
    await lock.acquire()
    first = asyncio.create_task(work(Thing(), lock), name="first")
    await asyncio.sleep(0.02)
    lock.release()
    await first
    del thing
    print(seen() is None, first.result())


asyncio.run(main())
