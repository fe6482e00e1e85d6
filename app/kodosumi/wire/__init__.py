"""What crosses a process border: states, events, batches, values, form schema, header names.

Only the standard library and pydantic are imported here, so that every process may import it.
"""
