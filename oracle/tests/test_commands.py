"""The command line finds every file of commands/, and reads arguments without a framework."""

import contextlib
import io
import pkgutil
import unittest

from oracle import commands
from oracle.cli import main


def run(*arguments):
    """(exit code, stdout, stderr) of the command line."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = ended.code
    return code, out.getvalue(), err.getvalue()


class Commands(unittest.TestCase):
    def test_every_file_is_a_command_with_help(self):
        names = [module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__)]
        self.assertIn("eval-golden", names)
        _, listed, _ = run("--help")
        for name in names:
            self.assertRegex(listed, rf"\n    {name}\s")
            self.assertEqual(run(name, "--help")[0], 0, name)

    def test_a_wrong_argument_is_named(self):
        for arguments, sentence in (
            (["seeds", "x.yml", "--from", "-1"], "-1 is not a seed"),
            (["golden", "x.yml", "--out", "y", "--input", "64"], "64 is not a size; one like 64x128"),
            (["golden", "x.yml", "--out", "y", "--image", "no.png"], "there is no file no.png"),
            (["golden", "x.yml", "--out", "y", "--seed", "1.5"], "1.5 is not a seed"),
        ):
            code, _, err = run(*arguments)
            self.assertEqual(code, 2, arguments)
            self.assertIn(sentence, err)

    def test_what_the_user_can_mend_is_a_sentence_and_2(self):
        code, _, err = run("verify", "no-such-bundle")
        self.assertEqual((code, err.startswith("Cannot read no-such-bundle/case.json: ")), (2, True))


if __name__ == "__main__":
    unittest.main()
