# /// script
# [tool.example]
# exit-code = 1
# ///

"""A mistake that the compiler finds."""

print("never printed")
async def main()
    pass
