"""Access tokens of services: a file of rules, each with a structure that can be checked."""
