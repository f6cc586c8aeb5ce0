"""Store the task, not its result: the second one waits for it too."""

import asyncio


class Recipes:
    def __init__(self) -> None:
        self.tasks: dict[str, asyncio.Task[str]] = {}
        self.requests = 0

    async def download(self, dish: str) -> str:
        self.requests += 1
        print(f"server: request {self.requests}, for {dish}")
        await asyncio.sleep(0.1)
        if self.requests == 1:
            raise OSError("server busy")
        return f"how to make {dish}"

    async def get(self, dish: str) -> str:
        if dish not in self.tasks:  # no await until it is stored
            task = asyncio.create_task(self.download(dish), name=dish)
            self.tasks[dish] = task
            task.add_done_callback(lambda t: self.keep_if_good(dish, t))
        return await asyncio.shield(self.tasks[dish])

    def keep_if_good(self, dish: str, task: asyncio.Task[str]) -> None:
        if task.cancelled() or task.exception() is not None:
            del self.tasks[dish]  # or all would get this error for ever


async def cook(name: str, recipes: Recipes) -> None:
    for _ in range(3):
        try:
            print(f"{name}: reads", await recipes.get("bread"))
            return
        except OSError as error:
            print(f"{name}: {error}")


async def main() -> None:
    recipes = Recipes()
    async with asyncio.TaskGroup() as group:
        for name in ("Ada", "Grace"):
            group.create_task(cook(name, recipes), name=name)
    print("main: reads", await recipes.get("bread"))
    print("main: requests:", recipes.requests)


if __name__ == "__main__":
    asyncio.run(main())
