#!/bin/sh
# Migrates, then serves. When migrating fails the server does not start and the exit code says why.
set -eu
cd "$(dirname "$0")"
PATH="$PWD/node_modules/.bin:$PATH"

tidemark up --log-file logs/migration.log && exec node server.js
