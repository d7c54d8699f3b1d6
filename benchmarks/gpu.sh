#!/usr/bin/env bash
# All that is to be known of artcnn on a GPU, within eight minutes: bash benchmarks/gpu.sh [FOLDER] [options]
#
# FOLDER, or else $OUT, gets results.jsonl, a line for each measurement, and report.md, the same as tables.
# PYTHON is the interpreter with torch in it, python3 by default. Nothing is downloaded.
# "bash benchmarks/gpu.sh --help" lists the options.
set -eu
cd "$(dirname "$0")/.."
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1
exec "${PYTHON:-python3}" benchmarks/gpu "$@"
