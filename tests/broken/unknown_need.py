# /// script
# [tool.example]
# needs = ["luck"]
# ///

"""A need that the site has no word for."""

if __name__ == "__main__":
    print("done")
