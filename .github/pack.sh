#!/usr/bin/env bash
# Builds meshlint for a target and packs it with its man page, completions and licences: pack.sh VERSION TARGET
set -euo pipefail
version="$1"
target="$2"

# What a back trace says is worth less to users than a download of a third of the size.
CARGO_PROFILE_RELEASE_STRIP=debuginfo cargo build --release --locked --target "$target"
built="target/$target/release/meshlint"
[ -f "$built" ] || built="$built.exe"

name="meshlint-$version-$target"
rm -rf "dist/$name"
mkdir -p "dist/$name/completions" "dist/$name/man"
cp "$built" README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "dist/$name/"
# Every target is built on a machine that can run it.
for shell in bash elvish fish powershell zsh; do "$built" completions "$shell" > "dist/$name/completions/meshlint.$shell"; done
"$built" man > "dist/$name/man/meshlint.1"
tar -czf "dist/$name.tar.gz" -C dist "$name"
rm -r "dist/$name"
