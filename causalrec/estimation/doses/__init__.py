"""The outcome's mean by dose of a treatment that is an amount."""
