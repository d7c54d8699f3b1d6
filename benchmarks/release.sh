#!/usr/bin/env bash
# Build what is released: wheel and sdist, whose bytes depend on the source alone, and beside them what they need (SBOM).
# usage: benchmarks/release.sh FOLDER        needs a network, and: pip install build uv cyclonedx-bom
set -euo pipefail
folder=${1:?name the folder}
top=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cd "$top"
# Times in the archives: that of the last change, not of the build.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
umask 022 # modes are in the archives, too

python -m build --outdir "$folder" .
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT
python -m build --outdir "$again" .
for built in "$folder"/artcnn-*; do cmp "$built" "$again/$(basename "$built")"; done

# The versions that pip would install today, and what each of them is licensed under where it is installed.
python -m uv pip compile --quiet --no-header --no-annotate --python-version 3.11 --all-extras pyproject.toml --output-file "$folder/requirements.txt"
cyclonedx-py requirements "$folder/requirements.txt" --pyproject pyproject.toml --output-reproducible \
    --output-file "$folder/artcnn.cdx.json"
(cd "$folder" && sha256sum artcnn-* artcnn.cdx.json > SHA256SUMS)
