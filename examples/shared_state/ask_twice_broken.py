"""Look, wait, store: two tasks find the cache empty, and both ask."""

import asyncio


class Recipes:
    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.requests = 0

    async def download(self, dish: str) -> str:
        self.requests += 1
        print(f"server: request {self.requests}, for {dish}")
        await asyncio.sleep(0.1)
        return f"how to make {dish}"

    async def get(self, dish: str) -> str:
        if dish not in self.known:  # true for both
            self.known[dish] = await self.download(dish)
        return self.known[dish]


async def cook(name: str, recipes: Recipes) -> None:
    print(f"{name}: reads", await recipes.get("bread"))


async def main() -> None:
    recipes = Recipes()
    async with asyncio.TaskGroup() as group:
        for name in ("Ada", "Grace"):
            group.create_task(cook(name, recipes), name=name)
    print("main: requests:", recipes.requests)


if __name__ == "__main__":
    asyncio.run(main())
