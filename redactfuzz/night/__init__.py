"""The nightly job: many campaigns, one after the other and beside each other, and what is known after each night."""
