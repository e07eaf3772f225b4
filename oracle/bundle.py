"""Golden bundles on disk: a folder with case.json and NumPy files, written whole or not at all."""

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np

from oracle.errors import OracleError
from oracle.npz import write_npz

FORMAT = "golden-bundle/1"
FORMAT_2 = "golden-bundle/2"  # with a `layout` or `noise_at`
CASE_FILE = "case.json"


class BundleWriter:
    """Collects a bundle in a temporary folder beside its destination; `finish` renames it into place.

    Use it as a context manager: what is not finished is removed.
    """

    def __init__(self, destination, force=False):
        self.destination = Path(destination)
        self.force = force
        if self.destination.exists() and not force:
            raise OracleError(f"Cannot write {self.destination}: it exists already; --force replaces it.")
        if self.destination.exists() and not (self.destination / CASE_FILE).is_file():
            raise OracleError(
                f"Cannot replace {self.destination}: it is not a bundle; a folder with {CASE_FILE} is wanted."
            )

    def __enter__(self):
        self.destination.parent.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=f".{self.destination.name}-", dir=self.destination.parent))
        return self

    def __exit__(self, *_error):
        shutil.rmtree(self.folder, ignore_errors=True)

    def write_array(self, file, values):
        """Writes `values` as .npy and gives the reference to it."""
        np.save(self.folder / file, np.ascontiguousarray(values))
        return {"file": file}

    def write_arrays(self, file, arrays):
        """Writes a deflated .npz and gives name → reference. Equal arrays are stored once, under the first name."""
        stored, references = {}, {}
        for name, values in arrays.items():
            digest = hashlib.sha256(repr((values.shape, values.dtype.str)).encode() + values.tobytes()).hexdigest()
            stored.setdefault(digest, name)
            references[name] = {"file": file, "key": stored[digest]}
        write_npz(self.folder / file, {name: np.ascontiguousarray(arrays[name]) for name in stored.values()})
        return references

    def finish(self, case):
        """Writes case.json, with the hash of every other file, and puts the bundle in its place."""
        files = sorted(path.name for path in self.folder.iterdir())
        hashes = {file: sha256_of(self.folder / file) for file in files}
        made_by = case.pop("made_by")
        text = render_case({**case, "sha256": hashes, "made_by": made_by})
        (self.folder / CASE_FILE).write_text(text, encoding="utf-8")
        for path in self.folder.iterdir():
            _sync(path)
        self.folder.chmod(0o755)
        if self.destination.exists():
            shutil.rmtree(self.destination)
        os.rename(self.folder, self.destination)


def read_case(folder):
    """case.json of a bundle."""
    path = Path(folder) / CASE_FILE
    try:
        case = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OracleError(f"Cannot read {path}: {error}; a golden bundle is wanted.") from error
    if not isinstance(case, dict) or case.get("format") not in (FORMAT, FORMAT_2):
        raise OracleError(f"Cannot read {path}: its format is neither {FORMAT} nor {FORMAT_2}.")
    return case


def read_array(folder, reference):
    """The array that a reference means."""
    path = Path(folder) / reference["file"]
    if path.parent.resolve() != Path(folder).resolve():
        raise OracleError(f"Cannot read {reference['file']}: it leaves the bundle {folder}.")
    try:
        loaded = np.load(path, allow_pickle=False)
        return loaded[reference["key"]] if "key" in reference else loaded
    except (OSError, ValueError, KeyError) as error:
        raise OracleError(f"Cannot read {path} {reference.get('key', '')}: {error}.") from error


def sha256_of(path):
    with open(path, "rb") as file:
        return (
            hashlib.file_digest(file, "sha256").hexdigest()
            if hasattr(hashlib, "file_digest")
            else hashlib.sha256(file.read()).hexdigest()
        )


def render_case(case):
    """case.json's text: one line for each parameter, array and probe, so that a person can read and compare it."""
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {_render(value, 2)}" for key, value in case.items()) + "\n}\n"


def _render(value, depth):
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) <= 160 or not isinstance(value, (dict, list)) or depth > 8:
        return flat
    pad = " " * (depth + 2)
    if isinstance(value, dict):
        lines = [
            f"{pad}{json.dumps(key, ensure_ascii=False)}: {_render(item, depth + 2)}" for key, item in value.items()
        ]
        return "{\n" + ",\n".join(lines) + f"\n{' ' * depth}}}"
    lines = [
        pad + (json.dumps(item, ensure_ascii=False) if depth >= 2 and _is_record(item) else _render(item, depth + 2))
        for item in value
    ]
    return "[\n" + ",\n".join(lines) + f"\n{' ' * depth}]"


def _is_record(item):
    return isinstance(item, dict) and "name" in item


def _sync(path):
    with open(path, "rb") as file:
        os.fsync(file.fileno())
