"""Whoever makes or checks bundles is given a reference, and imports no framework, directly or through another file."""

import ast
import inspect
import unittest
from pathlib import Path

from oracle.errors import OracleError
from oracle.references import Reference, find_reference, list_references

ROOT = Path(__file__).parents[1]
FRAMEWORKS = {"onnxruntime", "paddle", "paddleseg", "torch"}
INDEPENDENT = ("check", "curve", "infer", "sharpness", "train", "train_sharpness", "verify", "verify_train")


def list_imports(module):
    """Every module that a file of the oracle imports, anywhere in it."""
    for node in ast.walk(ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reach(module):
    """The frameworks that a file of the oracle imports, and the path to each."""
    seen, open_paths, found = {module}, [(module,)], []
    for path in open_paths:
        for name in list_imports(path[-1]):
            if name.split(".")[0] in FRAMEWORKS:
                found.append((*path, name))
            inner = name.removeprefix("oracle.")
            if name.startswith("oracle.") and inner not in seen and (ROOT / f"{inner.replace('.', '/')}.py").is_file():
                seen.add(inner)
                open_paths.append((*path, inner))
    return found


class References(unittest.TestCase):
    def test_whoever_makes_or_checks_bundles_imports_no_framework(self):
        self.assertEqual([path for module in INDEPENDENT for path in reach(module)], [])

    def test_a_framework_behind_another_file_is_seen(self):
        self.assertIn(("paddle_resize", "paddle_model", "paddle"), reach("paddle_resize"))

    def test_the_folder_is_the_list_and_each_has_all_that_a_reference_has(self):
        self.assertEqual(list_references(), ["paddle"])
        wanted = {name: member for name, member in vars(Reference).items() if not name.startswith("_")}
        self.assertIn("record", wanted)
        for name in list_references():
            reference = find_reference(name)
            self.assertEqual(reference.name, name)
            for method, member in wanted.items():
                given = list(inspect.signature(getattr(reference, method)).parameters)
                self.assertEqual(given, list(inspect.signature(member).parameters)[1:], f"{name}: {method}")

    def test_a_reference_that_does_not_exist_is_named(self):
        with self.assertRaisesRegex(OracleError, r"Cannot use the reference jax: .* \['paddle'\] is wanted"):
            find_reference("jax")


if __name__ == "__main__":
    unittest.main()
