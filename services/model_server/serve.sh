#!/bin/sh
# Starts Triton with the flags that production and `langdesign up` share (a contract test compares the two), under the
# supervisor that starts it again where a model's process has died or hangs. Arguments are added, for example
# --model-config-name=gpu. Settings, seconds:
#   MODEL_SERVER_CONNECTION_AGE    at which clients are asked to connect anew, so that they learn of new replicas
#   MODEL_SERVER_CONNECTION_GRACE  that calls on such a connection then still have: more than the longest edit takes
#   MODEL_SERVER_DRAIN             that calls in progress have when the server is told to stop
set -eu
age=${MODEL_SERVER_CONNECTION_AGE:-120}
grace=${MODEL_SERVER_CONNECTION_GRACE:-600}
drain=${MODEL_SERVER_DRAIN:-10}
# Triton has no switch that turns these APIs off: a key that nobody is told closes them.
key=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
closed="shared-memory,model-repository,trace,logging:langdesign-closed=$key"
exec python3 -m langdesign_supervisor -- tritonserver \
    --model-repository=/opt/langdesign/model_repository \
    --backend-config=python,shm-region-prefix-name=langdesign-triton- \
    --model-control-mode=none \
    --strict-readiness=true \
    --exit-on-error=true \
    --disable-auto-complete-config \
    --exit-timeout-secs="$drain" \
    --allow-metrics=true \
    --allow-gpu-metrics=true \
    --log-info=false \
    --grpc-keepalive-permit-without-calls=1 \
    --grpc-http2-min-recv-ping-interval-without-data=1000 \
    --grpc-http2-max-ping-strikes=0 \
    --grpc-max-connection-age="${age}000" \
    --grpc-max-connection-age-grace="${grace}000" \
    --http-restricted-api="$closed" \
    --grpc-restricted-protocol="$closed" \
    "$@"
