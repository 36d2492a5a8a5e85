#!/bin/sh
# The stub finds packages through the environment whose `bin` is first on PATH: one with numpy 1, then /opt/venv.
export LD_LIBRARY_PATH=/opt/tritonserver/lib
export PATH="/opt/tritonserver/stub-environment/bin:$PATH"
exec /opt/tritonserver/bin/tritonserver.program "$@"
