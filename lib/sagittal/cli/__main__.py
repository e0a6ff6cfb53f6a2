"""`python -m sagittal.cli`."""

from sagittal.cli.app import main

if __name__ == "__main__":
    main()
