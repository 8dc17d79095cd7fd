# One image for every process: web (the default), worker, media, clock, and `plugin-backend db upgrade`.
FROM python:3.11-slim AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.lock ./
RUN /venv/bin/pip install --no-deps --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY manifests manifests
COPY plugin_backend plugin_backend
COPY worker worker
RUN /venv/bin/pip install --no-deps --no-build-isolation .

# Nothing is written but to /scratch and /tmp, so the root may be read-only. By number, so that a cluster can
# tell that it is not root; /scratch is its group's too, for clusters that run it under a number of their own.
FROM python:3.11-slim
RUN useradd --system --uid 10001 --gid 0 --no-create-home --home-dir /scratch app \
    && install --directory --owner=10001 --group=0 --mode=0770 /scratch
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/scratch SCRATCH_DIR=/scratch
WORKDIR /app
COPY Procfile app.json ./
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/healthz', timeout=4)"]
CMD ["gunicorn", "-c", "python:plugin_backend.gunicorn", "plugin_backend.wsgi:app"]
