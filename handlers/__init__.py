"""What the bot answers: one module per noun or intent."""
