"""Dumps that are text: logs, JSON, events of Sentry, and objects as JSON has them."""
