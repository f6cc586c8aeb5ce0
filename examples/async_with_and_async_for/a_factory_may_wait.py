"""A constructor cannot wait; a factory waits, and then constructs."""

import asyncio
from typing import Self


async def ask_bank(name: str) -> int:
    await asyncio.sleep(0.1)
    return {"Ada": 100}[name]


class Account:
    def __init__(self, name: str, balance: int) -> None:
        self.name = name
        self.balance = balance

    @classmethod
    async def open(cls, name: str) -> Self:
        return cls(name, await ask_bank(name))  # whole, or not at all


async def main() -> None:
    account = await Account.open("Ada")
    print(f"{account.name} has {account.balance}")
    try:
        await Account.open("Bob")
    except KeyError as error:
        print(f"no account for {error}")


if __name__ == "__main__":
    asyncio.run(main())
