"""Typer commands, one file for each: flags in, exit code out, thin."""
