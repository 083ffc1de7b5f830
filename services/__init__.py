"""The business rules, one module or package per noun."""
