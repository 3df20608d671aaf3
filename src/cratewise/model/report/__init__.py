"""The report of a run: figures as JSON, a page to read, and plots."""
