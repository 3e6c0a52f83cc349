#!/bin/sh
# What the tests need beyond npm: Debian's Chromium, the OpenAI SDK of PyPI, Go modules. Only what is missing; nothing at all on a second run.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .cache

if ! command -v chromium >/dev/null 2>&1 || ! command -v ip >/dev/null 2>&1; then
  if [ "$(id -u)" = 0 ]; then
    echo "  installing Debian's chromium and iproute2" >&2
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium iproute2 procps >.cache/apt.log 2>&1 || { tail -5 .cache/apt.log >&2; exit 1; }
  else
    echo "  chromium or iproute2 is missing and only root may install them: run 'apt-get install chromium iproute2 procps'." >&2
  fi
fi

if [ ! -x .cache/py/bin/python ] || ! .cache/py/bin/python -c 'import openai' 2>/dev/null; then
  echo "  installing the OpenAI SDK of PyPI" >&2
  python3 -m venv .cache/py
  .cache/py/bin/pip install -q --disable-pip-version-check 'openai==3.57.0'
fi

if [ -d test/go-verifier ]; then
  if command -v go >/dev/null 2>&1; then
    (cd test/go-verifier && go mod download)
  else
    echo "  go is missing: the log will not be checked by Go's own implementation. Install Go 1.22 or newer." >&2
  fi
fi
