#!/bin/sh
# Starts Triton with the flags that production and `langdesign up` share (a contract test compares the two);
# arguments are added, for example --model-config-name=gpu.
set -eu
# Triton has no switch that turns these APIs off: a key that nobody is told closes them.
key=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
closed="shared-memory,model-repository,trace,logging:langdesign-closed=$key"
exec tritonserver \
    --model-repository=/opt/langdesign/model_repository \
    --model-control-mode=none \
    --strict-readiness=true \
    --exit-on-error=true \
    --disable-auto-complete-config \
    --exit-timeout-secs=10 \
    --allow-metrics=true \
    --allow-gpu-metrics=true \
    --log-info=false \
    --grpc-keepalive-permit-without-calls=1 \
    --grpc-http2-min-recv-ping-interval-without-data=1000 \
    --grpc-http2-max-ping-strikes=0 \
    --http-restricted-api="$closed" \
    --grpc-restricted-protocol="$closed" \
    "$@"
