# scoring-triton-gpu: Triton with ONNX Runtime (CUDA, TensorRT) on NVIDIA's minimal image, which holds CUDA, cuDNN and
# TensorRT: the two images and the way that NVIDIA's compose.py takes. No Python backend: whoever may write a model
# could run code with it.

# Both of one release; by digest where you know it: --build-arg TRITON_IMAGE=nvcr.io/nvidia/tritonserver:26.09-py3@sha256:...
ARG TRITON_IMAGE=nvcr.io/nvidia/tritonserver:26.09-py3
ARG BASE_IMAGE=nvcr.io/nvidia/tritonserver:26.09-py3-min

FROM ${TRITON_IMAGE} AS collected
# Libraries leave their package's name behind: the SBOM lists the packages of this stage, too.
ARG BUILDKIT_SBOM_SCAN_STAGE=true
# The driver's, which comes from the node.
ARG FROM_THE_NODE="libcuda.so.1 libnvidia-ml.so.1"
USER root
SHELL ["/bin/bash", "-eo", "pipefail", "-c"]
COPY k8s/images/triton/take-backends k8s/images/triton/needed-libraries k8s/images/triton/collect-libraries /usr/local/bin/
# The modules of DCGM (metrics of the GPU) are loaded by name: ldd does not see them. OpenVINO stays: NVIDIA's backend is
# linked to it.
RUN take-backends /opt/tritonserver /collected onnxruntime \
 && find /usr/lib -name 'libdcgm*.so.[0-9]' -print0 | xargs -0 collect-libraries /collected

FROM ${BASE_IMAGE} AS needed
USER root
SHELL ["/bin/bash", "-eo", "pipefail", "-c"]
COPY --from=collected /collected /collected
COPY k8s/images/triton/drop-present /usr/local/bin/
RUN drop-present /collected/system

FROM ${BASE_IMAGE} AS runtime
USER root
SHELL ["/bin/bash", "-eo", "pipefail", "-c"]
COPY --from=needed /collected /opt/tritonserver
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
HEALTHCHECK --interval=10s --timeout=3s --start-period=900s --retries=3 CMD ["http-ok", "8000", "/v2/health/live"]
# Not NVIDIA's entry point, a shell script that looks at the driver: the node's container toolkit does that, and 26.09
# wants a driver of R580 or later, which AKS installs.
ENTRYPOINT ["tritonserver"]
CMD ["--model-repository=/models/current", "--disable-auto-complete-config"]

FROM runtime AS checked
ARG FROM_THE_NODE="libcuda.so.1 libnvidia-ml.so.1"
COPY k8s/images/triton/needed-libraries k8s/images/triton/smoke-test /usr/local/bin/
COPY k8s/images/triton/smoke/onnxruntime_smoke /smoke/onnxruntime_smoke/
# No GPU here: the model is loaded on the CPU.
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
LABEL org.opencontainers.image.title="scoring-triton-gpu" \
      org.opencontainers.image.description="NVIDIA Triton with ONNX Runtime, CUDA and TensorRT, for GPUs" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses="${LICENSES}" \
      org.opencontainers.image.base.name="${TRITON_IMAGE}"
