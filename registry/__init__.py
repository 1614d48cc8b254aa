"""The model registry: immutable releases of the model repository, in a folder or in Azure Blob Storage."""
