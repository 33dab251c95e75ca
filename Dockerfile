# syntax=docker/dockerfile:1
# renewctl as an image: docker build --tag renewctl .
# docs/operations.md says how it is run, and why the address below needs a network policy or a proxy before it.

# durable_rules is C code without wheels: it is compiled here, and the compiler stays behind.
FROM python:3.12-slim-bookworm AS builder
RUN apt-get update \
 && apt-get install --yes --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY cli.py ./
COPY engine engine
COPY schemas schemas
COPY rules rules
RUN pip wheel --wheel-dir /wheels --constraint requirements.lock ".[all]"

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="renewctl" \
      org.opencontainers.image.description="Decides who receives each renewal notice of a partner's client." \
      org.opencontainers.image.licenses="Apache-2.0"
RUN --mount=type=bind,from=builder,source=/wheels,target=/wheels \
    python -m venv --without-pip /opt/renewctl \
 && pip --python /opt/renewctl install --no-cache-dir --no-index --find-links /wheels "renewctl[all]" \
 && groupadd --system --gid 10001 renewctl \
 && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/renewctl --create-home renewctl
# The root is mounted, and only read; what is written is the last good configuration.
ENV PATH=/opt/renewctl/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RENEWCTL_ROOT=/root-of-config
VOLUME /var/lib/renewctl
WORKDIR /root-of-config
USER 10001:10001
EXPOSE 8480
STOPSIGNAL SIGTERM
# 1 is a daemon that answers, but refuses what is on disk: starting it again would mend nothing.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD renewctl status >/dev/null || [ $? -eq 1 ]
ENTRYPOINT ["renewctl"]
CMD ["serve", "--host", "0.0.0.0", "--insecure", "--state", "/var/lib/renewctl"]
