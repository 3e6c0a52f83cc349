#!/bin/sh
# Installs the peers that the benches compare with, by the configured pip, npm and Go clients, into .cache. Only what is missing.
set -eu
cd "$(dirname "$0")/.."
if [ ! -x .cache/bench-py/bin/litellm ]; then
  python3 -m venv .cache/bench-py
  .cache/bench-py/bin/pip install -q 'litellm[proxy]==1.106.2'
fi
if [ ! -d .cache/bench-npm/node_modules/@portkey-ai/gateway ]; then
  mkdir -p .cache/bench-npm
  [ -f .cache/bench-npm/package.json ] || echo '{"private":true}' > .cache/bench-npm/package.json
  (cd .cache/bench-npm && npm install --ignore-scripts --no-fund --no-audit @portkey-ai/gateway@1.15.2)
fi
if [ ! -x .cache/bench-opa ] && command -v go >/dev/null 2>&1; then
  (cd bench/opa && go build -o ../../.cache/bench-opa .)
fi
if [ ! -x .cache/go-bin/registry ] && command -v go >/dev/null 2>&1; then
  echo "  building CNCF distribution: up to 20 minutes the first time" >&2
  mkdir -p .cache/go-bin
  GOBIN="$PWD/.cache/go-bin" GOFLAGS=-mod=mod go install github.com/distribution/distribution/v3/cmd/registry@v3.1.2 >.cache/go-registry.log 2>&1 || echo "  CNCF distribution did not build: $(tail -1 .cache/go-registry.log)" >&2
fi
