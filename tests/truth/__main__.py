"""``python -m tests.truth [NAME ...]`` writes the tables of docs/truth.md."""

import sys

from tests.truth.runner import main

if __name__ == "__main__":
    main(sys.argv[1:])
