"""`python -m langdesign_specialise`."""

from .cli import main

if __name__ == "__main__":
    main()
