#!/bin/sh
# Joins the pieces beside it, checks and unpacks them, and runs tipcheck gpu-proof with the arguments given. It needs
# sh, sha256sum, tar and gzip, and no network. The results are in gpu-proof, beside this file: send that folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
stop() { echo "$1" >&2; exit 3; }
pieces=$(sed 's/.*  //' pieces.sha256)
for piece in $pieces; do
  [ -f "$piece" ] || stop "Cannot run the proof: $here/$piece is not there; all that pieces.sha256 lists are wanted"
done
sha256sum --check --status pieces.sha256 ||
  stop "Cannot run the proof: a piece in $here is not what was packed (sha256sum --check pieces.sha256 says which). Fix: copy it again"
if [ ! -f tipcheck-gpu/whole ]; then
  rm -rf tipcheck-gpu
  cat $pieces | tar -xzf - || stop "Cannot run the proof: the pieces do not unpack in $here; 1 GB of room is wanted"
  touch tipcheck-gpu/whole
fi
export XDG_CACHE_HOME="$here/tipcheck-gpu/cache"
exec tipcheck-gpu/node tipcheck-gpu/tipcheck/cli/tipcheck.mjs gpu-proof --port @PORT@ --out "$here/gpu-proof" "$@"
