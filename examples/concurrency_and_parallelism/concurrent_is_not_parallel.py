"""Three tasks are in progress at once, and one at most is running."""

import asyncio


class Gauge:
    """How many are inside now, and the most that ever were."""

    def __init__(self) -> None:
        self.now = self.most = 0

    def __enter__(self) -> None:
        self.now += 1
        self.most = max(self.most, self.now)

    def __exit__(self, *error: object) -> None:
        self.now -= 1


async def cook(dish: str, in_progress: Gauge, running: Gauge) -> None:
    with in_progress:
        for step in ("chop", "fry"):
            with running:  # no await in this block
                print(f"{dish}: {step}")
            await asyncio.sleep(0)  # here the next dish gets its turn
        print(f"{dish}: done")


async def main() -> None:
    in_progress, running = Gauge(), Gauge()
    async with asyncio.TaskGroup() as kitchen:
        for dish in ("soup", "rice", "fish"):
            kitchen.create_task(cook(dish, in_progress, running))
    print("in progress at once:", in_progress.most)
    print("running at once:", running.most)


if __name__ == "__main__":
    asyncio.run(main())
