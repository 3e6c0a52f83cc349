#!/bin/sh
# What the tests need beyond npm: Debian's Chromium and Go, clients of PyPI, Go modules. Only what is missing; nothing at all on a second run.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .cache
PATH="$PATH:/usr/sbin:/sbin" # where Debian keeps `ip`, and does not look for it as an ordinary user

missing=''
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v certutil >/dev/null 2>&1 || missing="$missing libnss3-tools"
command -v go >/dev/null 2>&1 || missing="$missing golang-go"
command -v skopeo >/dev/null 2>&1 || missing="$missing skopeo"
command -v umoci >/dev/null 2>&1 || missing="$missing umoci"
command -v ip >/dev/null 2>&1 || missing="$missing iproute2"
command -v curl >/dev/null 2>&1 || missing="$missing curl"
command -v gpg >/dev/null 2>&1 || missing="$missing gnupg"
command -v zstd >/dev/null 2>&1 || missing="$missing zstd"
python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "  installing Debian's$missing" >&2
    # shellcheck disable=SC2086
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >.cache/apt.log 2>&1 || { tail -5 .cache/apt.log >&2; exit 1; }
  else
    echo "  NOT HERE:$missing. Only root may install them: apt-get install$missing. What needs them is skipped, and the end of the run says so." >&2
  fi
fi

# OpenAI's SDK, the Hub's library with its command, a server of S3, and the reference of model signatures (which needs pyopenssl and does not say so).
sdks='openai==3.57.0 huggingface_hub==2.4.0 model-signing==1.1.1 pyopenssl==26.4.0 moto[server,s3]==5.2.5'
if ! .cache/py/bin/python -c 'import openai, huggingface_hub, model_signing, OpenSSL, moto.server' 2>/dev/null; then
  echo "  installing clients of PyPI ($sdks)" >&2
  [ -x .cache/py/bin/pip ] || python3 -m venv .cache/py
  # shellcheck disable=SC2086
  .cache/py/bin/pip install -q --disable-pip-version-check $sdks
fi

uploader='twine==7.0.0'
if [ ! -x .cache/py/bin/twine ]; then
  echo "  installing the uploader of PyPI ($uploader)" >&2
  .cache/py/bin/pip install -q --disable-pip-version-check "$uploader"
fi

hub='@huggingface/hub@2.17.5'
if [ ! -d .cache/hub-npm/node_modules/@huggingface/hub ]; then
  echo "  installing the Hub's client for JavaScript ($hub)" >&2
  mkdir -p .cache/hub-npm
  echo '{"private":true}' >.cache/hub-npm/package.json
  (cd .cache/hub-npm && npm install --silent --ignore-scripts --no-fund --no-audit "$hub")
fi

if [ -d test/go-verifier ]; then
  if command -v go >/dev/null 2>&1; then
    (cd test/go-verifier && go mod download)
  else
    echo "  NOT HERE: go. The log will not be checked by Go's own implementation; install Go 1.19 or newer." >&2
  fi
fi

# Clients of registries, and the suite that registries are held to. They need a newer Go than Debian's; without it the tests of them are skipped, and say so.
gotool() {
  [ -x ".cache/go-bin/$1" ] && return 0
  command -v go >/dev/null 2>&1 || return 0
  echo "  building $1 ($2)" >&2
  mkdir -p .cache/go-bin
  GOBIN="$PWD/.cache/go-bin" GOFLAGS=-mod=mod go install "$2" >.cache/go-tools.log 2>&1 || { echo "  NOT HERE: $1. It did not build: $(tail -1 .cache/go-tools.log)" >&2; }
}
gotool conformance github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111
gotool oras oras.land/oras/cmd/oras@v1.3.6
gotool crane github.com/google/go-containerregistry/cmd/crane@v0.22.1
gotool regctl github.com/regclient/regclient/cmd/regctl@v0.11.7
