"""The questions of the report, one module each: `section(book)` gives the answer, its tables and its plots."""
