"""The commands of the oracle, a file for each: HELP, DESCRIPTION, add_arguments(parser), run(options). The folder is
the list.

A file imports what it runs when it runs, so that `--help` is quick and needs no framework.
"""
