# Streamlit Controller in a container; docs/containers.md says how to run it.
#
# The code and its environment are part of the image and read-only. What people and apps write is in
# one volume, /srv/project: config.json, apps/, logs/ and .state/.

FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3 AS build
WORKDIR /opt/streamlit-controller
COPY requirements.lock ./
COPY streamlit_controls/__init__.py streamlit_controls/
COPY streamlit_controls/bootstrap/ streamlit_controls/bootstrap/
RUN python -m streamlit_controls.bootstrap requirements.lock .state/venv \
    && rm -r .state/cache .state/venv.lock
COPY streamlit_controller ./
COPY streamlit_controls/ streamlit_controls/
COPY streamlit_site/ streamlit_site/
COPY streamlit_kit/ streamlit_kit/
COPY apps/ apps/
COPY deploy/container/ deploy/container/
RUN python -m compileall -q streamlit_controls streamlit_site

FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3
RUN useradd --uid 10001 --no-create-home --home-dir /srv/project --shell /usr/sbin/nologin streamlit \
    && install --directory --owner=10001 --group=10001 /srv/project \
    && ln -s /opt/streamlit-controller/streamlit_controller /usr/local/bin/
COPY --from=build /opt/streamlit-controller/ /opt/streamlit-controller/
# A Python that an app asks for is kept beside the apps' environments, which are made with it.
ENV HOME=/srv/project/.state/home \
    PYTHONUNBUFFERED=1 \
    STREAMLIT_CONTROLLER_PROJECT=/srv/project \
    UV_PYTHON_INSTALL_DIR=/srv/project/.state/pythons
WORKDIR /srv/project
VOLUME ["/srv/project"]
USER 10001:10001
EXPOSE 5000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=2s --retries=3 \
    CMD ["python3", "/opt/streamlit-controller/deploy/container/healthcheck.py"]
ENTRYPOINT ["python3", "/opt/streamlit-controller/deploy/container/entrypoint.py"]
CMD ["start", "--foreground"]
