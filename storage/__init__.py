"""What the branch remembers: rows, repositories, migrations, seeds."""
