"""The command line: click commands, one file per verb, and how they show what they learn."""
