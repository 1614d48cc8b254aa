# All images, for `make images` (docker buildx bake). Values come from variables of the environment.

variable "REGISTRY" { default = "" }                # example.azurecr.io; empty: names without one
variable "TAG" { default = "0.1.0" }                # what k8s/base names
variable "VERSION" { default = "0.1.0" }            # of the project, for the label
variable "REVISION" { default = "unknown" }         # commit, for the label
variable "SOURCE" { default = "" }                  # address of the repository, for the label

# Images to build on. With a digest (NAME:TAG@sha256:...) a build is tied to bytes, not to a name.
variable "PYTHON_IMAGE" { default = "docker.io/library/python:3.11.14-slim-trixie" }
variable "UBUNTU_IMAGE" { default = "docker.io/library/ubuntu:24.04" }
variable "TRITON_IMAGE" { default = "nvcr.io/nvidia/tritonserver:26.09-py3" }
variable "TRITON_MIN_IMAGE" { default = "nvcr.io/nvidia/tritonserver:26.09-py3-min" }

# Where pip finds packages, if not in its default place. They end up in the provenance: no passwords.
variable "PIP_INDEX_URL" { default = "" }
variable "PIP_EXTRA_INDEX_URL" { default = "" }     # for the converter: the index of PyTorch's CPU wheels
variable "PIP_FIND_LINKS" { default = "" }

function "tags" {
  params = [name]
  result = [REGISTRY == "" ? "${name}:${TAG}" : "${REGISTRY}/${name}:${TAG}"]
}

group "default" {
  targets = ["gateway", "models", "converter", "triton-cpu", "triton-gpu"]
}

target "image" {
  context   = "."
  platforms = ["linux/amd64"]
  args = {
    VERSION  = VERSION
    REVISION = REVISION
    SOURCE   = SOURCE
  }
  # What is in it (SPDX), and how it was made (SLSA).
  attest = ["type=sbom", "type=provenance,mode=max"]
}

target "python" {
  inherits = ["image"]
  args = {
    PYTHON_IMAGE  = PYTHON_IMAGE
    PIP_INDEX_URL = PIP_INDEX_URL
  }
}

target "gateway" {
  inherits   = ["python"]
  dockerfile = "k8s/images/gateway/Dockerfile"
  tags       = tags("scoring-gateway")
}

target "models" {
  inherits   = ["python"]
  dockerfile = "k8s/images/models/Dockerfile"
  target     = "models"
  tags       = tags("scoring-models")
}

# Not among the default ones: it needs model versions (`scoring convert`). The overlay `local` uses it.
target "models-baked" {
  inherits   = ["python"]
  dockerfile = "k8s/images/models/Dockerfile"
  target     = "models-baked"
  tags       = tags("scoring-models-baked")
}

target "converter" {
  inherits   = ["python"]
  dockerfile = "k8s/images/converter/Dockerfile"
  tags       = tags("scoring-converter")
  args = {
    PIP_EXTRA_INDEX_URL = PIP_EXTRA_INDEX_URL
    PIP_FIND_LINKS      = PIP_FIND_LINKS
  }
}

target "triton-cpu" {
  inherits   = ["image"]
  dockerfile = "k8s/images/triton/cpu.Dockerfile"
  tags       = tags("scoring-triton-cpu")
  args = {
    TRITON_IMAGE = TRITON_IMAGE
    BASE_IMAGE   = UBUNTU_IMAGE
  }
}

target "triton-gpu" {
  inherits   = ["image"]
  dockerfile = "k8s/images/triton/gpu.Dockerfile"
  tags       = tags("scoring-triton-gpu")
  args = {
    TRITON_IMAGE = TRITON_IMAGE
    BASE_IMAGE   = TRITON_MIN_IMAGE
  }
}
