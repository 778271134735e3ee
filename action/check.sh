#!/usr/bin/env bash
# Runs `meshlint check` with the inputs of the action, and hands its exit status on.
set -uo pipefail

arguments=(check --fail-on "${MESHLINT_FAIL_ON:-error}")
[ -z "${MESHLINT_SINCE:-}" ] || arguments+=(--since "$MESHLINT_SINCE")
[ -z "${MESHLINT_BASELINE:-}" ] || arguments+=(--baseline "$MESHLINT_BASELINE")
[ -z "${MESHLINT_CONFIG:-}" ] || arguments+=(--config "$MESHLINT_CONFIG")
if [ "${MESHLINT_ANNOTATIONS:-true}" = true ]; then arguments+=(--format github); else arguments+=(--format human); fi
# The summary of the job has room for what annotations have none for: ten of each level are shown.
if [ "${MESHLINT_SUMMARY:-true}" = true ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  arguments+=(--format markdown --output "$GITHUB_STEP_SUMMARY")
fi
sarif=""
if [ "${MESHLINT_SARIF:-false}" = true ]; then
  sarif="$RUNNER_TEMP/meshlint.sarif"
  arguments+=(--format sarif --output "$sarif")
fi
read -r -a more <<< "${MESHLINT_ARGS:-}"

# An empty array counts as unset before Bash 4.4, which macOS still has.
meshlint "${arguments[@]}" ${more[@]+"${more[@]}"} -- "${MESHLINT_PATH:-.}"
status=$?

echo "status=$status" >> "$GITHUB_OUTPUT"
if [ -n "$sarif" ] && [ -f "$sarif" ]; then echo "sarif=$sarif" >> "$GITHUB_OUTPUT"; fi
exit "$status"
