"""The mistakes that the well-known original makes with accounts, each looked for in ours."""
