"""What the law gives the person behind a record: a copy of all of it, its erasure, and that it is one record."""
