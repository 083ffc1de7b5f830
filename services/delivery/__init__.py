"""The one way out: submit, gate, pump, receipts, report."""
