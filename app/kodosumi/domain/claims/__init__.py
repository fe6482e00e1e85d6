"""Claims: work that one process at a time may do, such as spooling."""
