"""`python -m langdesign_registry`."""

from .cli import main

if __name__ == "__main__":
    main()
