"""Tables that staff send in on the console."""
