# syntax=docker/dockerfile:1
# A stand-in for NVIDIA's Triton image where its registry cannot be reached: the server program and the Python backend of
# the wheel that a local run uses, laid out as in NVIDIA's image. For checks alone: production builds on NVIDIA's.
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
COPY requirements/serve.txt requirements/triton-stub.txt requirements/
RUN --mount=type=cache,target=/root/.cache \
    grep '^nvidia-pytriton==' requirements/serve.txt > wheel.txt \
    && python3 -m venv /opt/pip \
    && /opt/pip/bin/pip install --quiet --no-deps --target /opt/wheel --requirement wheel.txt \
    && /opt/pip/bin/pip install --quiet --no-deps --target /opt/stub --requirement requirements/triton-stub.txt
# The wheel's stub is built for numpy 1, which stands before the environment's own numpy 2.
RUN version=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])') \
    && site=/opt/tritonserver/stub-environment/lib/python$version/site-packages \
    && mkdir -p /opt/tritonserver/bin /opt/tritonserver/backends "$site" /opt/tritonserver/stub-environment/bin \
    && mv /opt/wheel/pytriton/tritonserver/bin/tritonserver /opt/tritonserver/bin/tritonserver.program \
    && mv /opt/wheel/pytriton/tritonserver/backends/python /opt/tritonserver/backends/python \
    && mv "/opt/wheel/pytriton/tritonserver/python_backend_stubs/$version/triton_python_backend_stub" \
        /opt/tritonserver/backends/python/ \
    && mv /opt/wheel/nvidia_pytriton.libs /opt/tritonserver/lib \
    && cp -R /opt/stub/. "$site/" \
    && echo "import site; site.addsitedir('/opt/venv/lib/python$version/site-packages')" > "$site/environment.pth" \
    && ln -s "$(command -v python3)" /opt/tritonserver/stub-environment/bin/python3 \
    && echo "home = $(dirname "$(command -v python3)")" > /opt/tritonserver/stub-environment/pyvenv.cfg \
    && chmod 0755 /opt/tritonserver/bin/tritonserver.program \
        /opt/tritonserver/backends/python/triton_python_backend_stub

FROM ${PYTHON_IMAGE} AS triton
COPY --from=build /opt/tritonserver /opt/tritonserver
COPY --chmod=0755 deploy/images/bases/tritonserver.sh /opt/tritonserver/bin/tritonserver
ENV PATH=/opt/tritonserver/bin:$PATH
WORKDIR /tmp
