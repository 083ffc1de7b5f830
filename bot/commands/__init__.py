"""The quanfu command, one module per noun."""
