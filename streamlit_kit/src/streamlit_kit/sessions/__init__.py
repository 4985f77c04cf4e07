"""Sessions: who is there, who may be gone, and who is."""
