"""A loop in a thread of its own is given work from outside."""

import asyncio
import threading


async def work(n):
    await asyncio.sleep(0.02)
    return n


loop = asyncio.new_event_loop()
thread = threading.Thread(target=loop.run_forever, name="helper")
thread.start()
print(asyncio.run_coroutine_threadsafe(work(1), loop).result())


async def main():
    theirs = asyncio.run_coroutine_threadsafe(work(2), loop)
    print(await asyncio.wrap_future(theirs))


asyncio.run(main())
loop.call_soon_threadsafe(loop.stop)
thread.join()
loop.close()
