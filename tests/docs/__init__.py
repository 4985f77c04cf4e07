"""What is written for people is what the code does."""
