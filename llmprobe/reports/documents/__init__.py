"""The JSON documents of commands that do not print a run: a type each, from which its schema is made."""
