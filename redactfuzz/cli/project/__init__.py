"""Commands that concern a project and its machine, and explore nothing."""
