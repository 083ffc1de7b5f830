"""The platforms clients write on, each behind one contract."""
