"""`python -m kodosumi` is `koco`."""

from kodosumi.cli import main

if __name__ == "__main__":
    main()
