"""`python -m trail`: the command line where its script is not on the path."""

from trail.cli import app

if __name__ == "__main__":
    app(prog_name="trail")
