#!/bin/sh
# Before a deployment: go on as soon as the group works, within two minutes; then run with its best member.
set -eu
config=${1:-llmprobe.toml}
llmprobe wait group:chat --config "$config" --for 2m --quiet
eval "$(llmprobe pick chat --config "$config" --format shell)"
echo "deploying with $LLMPROBE_TARGET ($LLMPROBE_MODEL at $LLMPROBE_BASE_URL)"
