# One image for every role: `serve` alone (SQLite in /var/lib/quanfu), or the parts in compose.yaml on PostgreSQL.
# Not built by CI, which has no container engine: try it after a change.
FROM python:3.11-slim AS build
WORKDIR /srv/quanfu
COPY requirements-build.txt requirements.txt ./
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements-build.txt \
    && .venv/bin/pip install --no-cache-dir --require-hashes --no-build-isolation -r requirements.txt
COPY . .
RUN .venv/bin/pip install --no-cache-dir --no-index --no-deps --no-build-isolation --editable . \
    && .venv/bin/python -m compileall -q --invalidation-mode unchecked-hash bot console handlers scheduler services storage

FROM python:3.11-slim
# The number is for platforms that want to see that it is not root.
RUN useradd --system --uid 10001 --home-dir /var/lib/quanfu --create-home quanfu
COPY --from=build /srv/quanfu /srv/quanfu
ENV PATH=/srv/quanfu/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    QUANFU_DATABASE_URL=sqlite:////var/lib/quanfu/quanfu.db \
    QUANFU_MEDIA__FOLDER=/var/lib/quanfu/media \
    QUANFU_LISTEN=0.0.0.0:8000
USER 10001
WORKDIR /var/lib/quanfu
RUN mkdir --mode=700 media
VOLUME /var/lib/quanfu
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["sh", "-c", "quanfu migrate && exec quanfu serve"]
