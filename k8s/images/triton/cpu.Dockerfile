# scoring-triton-cpu: Triton with ONNX Runtime and OpenVINO on Ubuntu. NVIDIA ships no image without CUDA; its full one
# is 20 times as large. Taken from it: the server, the two backends, and every library that they need, found with ldd.
# The build fails where a library is missing or the server does not load a model of each backend.
# No Python backend: whoever may write a model could run code with it.

# By digest where you know it: --build-arg TRITON_IMAGE=nvcr.io/nvidia/tritonserver:26.09-py3@sha256:...
ARG TRITON_IMAGE=nvcr.io/nvidia/tritonserver:26.09-py3
# The Ubuntu that NVIDIA built it on: an older C library would be found out below.
ARG BASE_IMAGE=docker.io/library/ubuntu:24.04

FROM ${TRITON_IMAGE} AS collected
# Libraries leave their package's name behind: the SBOM lists the packages of this stage, too.
ARG BUILDKIT_SBOM_SCAN_STAGE=true
USER root
SHELL ["/bin/bash", "-eo", "pipefail", "-c"]
COPY k8s/images/triton/take-backends k8s/images/triton/needed-libraries k8s/images/triton/collect-libraries /usr/local/bin/
# Providers for GPUs would drag CUDA in.
RUN take-backends /opt/tritonserver /collected onnxruntime openvino \
 && find /collected/backends/onnxruntime '(' -name '*providers_cuda*' -o -name '*providers_tensorrt*' ')' -delete \
 && collect-libraries /collected

FROM ${BASE_IMAGE} AS runtime
SHELL ["/bin/bash", "-eo", "pipefail", "-c"]
COPY --from=collected /collected /opt/tritonserver
COPY k8s/images/triton/http-ok /opt/tritonserver/bin/
RUN echo /opt/tritonserver/system > /etc/ld.so.conf.d/triton.conf \
 && ldconfig
ENV PATH=/opt/tritonserver/bin:${PATH}
# HTTP (probes), gRPC, metrics
EXPOSE 8000 8001 8002
WORKDIR /opt/tritonserver
USER 10001:10001
# Triton ends on SIGTERM once what is in flight is answered (--exit-timeout-secs); as process 1, too: no init is needed.
STOPSIGNAL SIGTERM
# For engines without probes; Kubernetes has its own.
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s --retries=3 CMD ["http-ok", "8000", "/v2/health/live"]
ENTRYPOINT ["tritonserver"]
CMD ["--model-repository=/models/current", "--disable-auto-complete-config"]

FROM runtime AS checked
COPY k8s/images/triton/needed-libraries k8s/images/triton/smoke-test /usr/local/bin/
COPY k8s/images/triton/smoke /smoke/
# --help ends with exit code 1.
RUN needed-libraries /opt/tritonserver > /dev/null \
 && { tritonserver --help 2>&1 || true; } | grep 'Usage: tritonserver' \
 && smoke-test /smoke tritonserver \
 && echo "every library is there, and each backend has loaded a model" > /tmp/checked

FROM runtime
# So that no build skips the check.
COPY --from=checked /tmp/checked /opt/tritonserver/checked

ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=""
ARG LICENSES="BSD-3-Clause AND LicenseRef-NVIDIA-Deep-Learning-Container"
ARG TRITON_IMAGE
LABEL org.opencontainers.image.title="scoring-triton-cpu" \
      org.opencontainers.image.description="NVIDIA Triton with ONNX Runtime and OpenVINO, for CPUs" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses="${LICENSES}" \
      org.opencontainers.image.base.name="${TRITON_IMAGE}"
