"""A semaphore in each task bounds the work, and not the tasks."""

import asyncio
from collections.abc import Iterator


class Count:
    now = most = 0

    def add(self, change: int) -> None:
        self.now += change
        self.most = max(self.most, self.now)


class Office:
    def __init__(self) -> None:
        self.in_hand, self.at_work = Count(), Count()

    def letters(self) -> Iterator[int]:
        for letter in range(1000):  # from a file, a page, a socket
            self.in_hand.add(1)
            yield letter

    async def send(self, letter: int) -> None:
        self.at_work.add(1)
        await asyncio.sleep(0)  # stands for the network
        self.at_work.add(-1)
        self.in_hand.add(-1)


async def a_task_for_each(office: Office) -> None:
    async with asyncio.TaskGroup() as group:
        for letter in office.letters():
            group.create_task(office.send(letter))


async def a_semaphore_in_each_task(office: Office) -> None:
    seats = asyncio.Semaphore(10)

    async def send(letter: int) -> None:
        async with seats:  # pauses in here, holding its letter
            await office.send(letter)

    async with asyncio.TaskGroup() as group:
        for letter in office.letters():
            group.create_task(send(letter))


async def ten_workers(office: Office) -> None:
    async def work(letters: Iterator[int]) -> None:
        for letter in letters:  # the next one that nobody has taken
            await office.send(letter)

    letters = office.letters()  # one iterator for all of them
    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(work(letters))


async def main() -> None:
    for way in a_task_for_each, a_semaphore_in_each_task, ten_workers:
        office = Office()
        await way(office)
        most = office.in_hand.most, office.at_work.most
        print(f"{way.__name__}: in hand {most[0]}, at work {most[1]}")


if __name__ == "__main__":
    asyncio.run(main())
