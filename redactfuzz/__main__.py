"""``python -m redactfuzz`` is the command ``redactfuzz``."""

from redactfuzz.cli.main import main

main()
