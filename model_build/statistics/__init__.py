"""Statistics: figures of merit, predictions held against the truth, and how sure a figure is.

Knows recordings by their names and speakers alone: no network, no record, no report.
"""
