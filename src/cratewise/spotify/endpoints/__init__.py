"""The calls, one family a file: each function only says what to send and how to understand the answer."""
