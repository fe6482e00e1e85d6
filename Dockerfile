# One container with Ray, Ray Serve, the example services and the panel.
FROM python:3.12-slim-bookworm AS build
ENV UV_NO_CACHE=1 VIRTUAL_ENV=/opt/kodosumi
WORKDIR /src
COPY requirements requirements
RUN python -m venv --without-pip "$VIRTUAL_ENV" \
    && python -m pip --python "$VIRTUAL_ENV/bin/python" install --no-cache-dir --quiet \
        --require-hashes --requirement requirements/build.txt \
    && "$VIRTUAL_ENV/bin/uv" pip sync --require-hashes --compile-bytecode \
        requirements/build.txt requirements/run.txt
COPY . .
RUN "$VIRTUAL_ENV/bin/uv" build --wheel --no-build-isolation --out-dir dist \
        --python "$VIRTUAL_ENV/bin/python" \
    && "$VIRTUAL_ENV/bin/uv" pip install --no-deps --compile-bytecode dist/*.whl

FROM python:3.12-slim-bookworm
RUN useradd --create-home --uid 10001 koco \
    && install --directory --owner koco --group koco /data
COPY --from=build /opt/kodosumi /opt/kodosumi
COPY apps /app/apps
ENV PATH=/opt/kodosumi/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    KODO_DATA=/data \
    KODO_HOST=0.0.0.0 \
    KODO_PORT=3370
WORKDIR /app
USER 10001
VOLUME /data
EXPOSE 3370
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['KODO_PORT'] + '/health')"]
CMD ["koco", "start", "--examples"]
