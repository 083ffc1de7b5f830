"""Tables of other systems: read row by row, checked cell by cell, brought in batch by batch."""
