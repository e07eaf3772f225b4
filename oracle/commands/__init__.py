"""The commands of the oracle. The folder is the list: HELP, DESCRIPTION, add_arguments(parser), run(options) in each.

A file imports what it runs when it runs, so that `--help` is quick and needs no framework.
"""
