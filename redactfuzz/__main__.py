"""``python -m redactfuzz`` is the command ``redactfuzz``."""

from redactfuzz.cli.start import main

main()
