"""The other software, each as small as its own documentation shows it."""
