#!/usr/bin/env bash
# Puts meshlint on the path of the steps that follow: a release archive where there is one, else a build of the action's own source.
set -euo pipefail

bin="$RUNNER_TEMP/meshlint-bin"
mkdir -p "$bin"
echo "$bin" >> "$GITHUB_PATH"

version="${MESHLINT_VERSION:-}"
if [ -z "$version" ] && [[ "${MESHLINT_ACTION_REF:-}" =~ ^v[0-9]+\.[0-9]+\.[0-9]+ ]]; then
  version="$MESHLINT_ACTION_REF"
fi

if [ -z "$version" ]; then
  echo "no release was named, building meshlint from the source of the action" >&2
  cargo install --locked --quiet --path "$GITHUB_ACTION_PATH" --root "$RUNNER_TEMP/meshlint-build"
  cp "$RUNNER_TEMP"/meshlint-build/bin/meshlint* "$bin/"
  exit
fi

case "${RUNNER_OS:?}-${RUNNER_ARCH:?}" in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  Windows-X64) target=x86_64-pc-windows-msvc ;;
  *)
    echo "::error::no release of meshlint is made for $RUNNER_OS on $RUNNER_ARCH; leave \`version\` out and use a branch or commit of the action to build it" >&2
    exit 2
    ;;
esac

archive="meshlint-$version-$target.tar.gz"
releases="${GITHUB_SERVER_URL:?}/${MESHLINT_ACTION_REPOSITORY:?}/releases/download/$version"
cd "$RUNNER_TEMP"
curl --fail --silent --show-error --location --retry 3 --remote-name "$releases/$archive" --remote-name "$releases/SHA256SUMS"
grep -F "  $archive" SHA256SUMS > "$archive.sha256"
if command -v sha256sum > /dev/null; then sha256sum --check "$archive.sha256"; else shasum --algorithm 256 --check "$archive.sha256"; fi
# The checksums lie beside the archive; the attestation says which workflow run made it.
if command -v gh > /dev/null && [ "$GITHUB_SERVER_URL" = https://github.com ]; then
  gh attestation verify "$archive" --repo "$MESHLINT_ACTION_REPOSITORY"
fi
tar -xzf "$archive" -C "$bin" --strip-components 1
