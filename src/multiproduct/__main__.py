"""`python -m multiproduct` is the command `multiproduct`, for where its script is not on the path."""

from multiproduct.entrypoints.cli.command import run

if __name__ == "__main__":
    run()
