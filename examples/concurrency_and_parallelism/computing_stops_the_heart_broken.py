"""A task that computes holds the loop, and no other task can run."""

import asyncio


def count_primes(limit: int) -> int:
    found = 0
    for n in range(2, limit):
        found += all(n % d for d in range(2, int(n**0.5) + 1))
    return found


async def heart() -> None:
    for beat in range(1, 4):
        print("beat", beat)
        await asyncio.sleep(0.05)


async def job() -> None:
    print("job: begun")
    found = count_primes(200_000)  # no await: nobody else runs
    print(f"job: {found} primes")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(heart())
        group.create_task(job())


if __name__ == "__main__":
    asyncio.run(main())
