"""What the user can mend. The command line prints it as one sentence and exits with 2."""


class OracleError(Exception):
    """`Cannot <action> <subject>: <what is>; <what is wanted>.`"""
