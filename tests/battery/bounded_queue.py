"""A bounded queue makes the producer wait; join() waits for all."""

import asyncio


async def produce(queue):
    for n in range(4):
        await queue.put(n)
        print("put", n)


async def consume(jobs):
    while True:
        print("got", await jobs.get())
        await asyncio.sleep(0.02)
        jobs.task_done()


async def main():
    queue = asyncio.Queue(1)
    consumer = asyncio.create_task(consume(queue), name="consumer")
    await asyncio.create_task(produce(queue), name="producer")
    await queue.join()
    consumer.cancel()


asyncio.run(main())
