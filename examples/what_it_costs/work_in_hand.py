"""gather holds all of the work at once, and workers hold a little."""

import asyncio
from collections.abc import Iterator

LETTERS = 30


class Post:
    """Letters to be sent, and how many were in hand at most."""

    def __init__(self) -> None:
        self.in_hand = self.most = 0

    def letters(self) -> Iterator[int]:
        for number in range(LETTERS):
            self.in_hand += 1
            self.most = max(self.most, self.in_hand)
            yield number

    async def send(self, letter: int) -> None:
        await asyncio.sleep(0.05)
        self.in_hand -= 1


async def work(post: Post, letters: Iterator[int]) -> None:
    for letter in letters:  # takes the next one when it is free
        await post.send(letter)


async def main() -> None:
    post = Post()
    await asyncio.gather(*(post.send(n) for n in post.letters()))
    print("gather: in hand at most", post.most)

    post = Post()
    letters = post.letters()  # one iterator, shared by all workers
    async with asyncio.TaskGroup() as office:
        for _ in range(5):
            office.create_task(work(post, letters))
    print("workers: in hand at most", post.most)
    print("letters left over:", post.in_hand)


if __name__ == "__main__":
    asyncio.run(main())
