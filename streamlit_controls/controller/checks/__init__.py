"""What `doctor` looks at: each check says how something is and what to do about it."""
