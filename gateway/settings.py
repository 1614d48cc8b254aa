"""The gateway's settings: environment variables, overridden by command-line flags."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from gateway.setting import SettingsError, env_name, flag_name, parse, setting

__all__ = ["Settings", "SettingsError", "env_name", "flag_name"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can change, with what the change does."""

    host: str = setting("127.0.0.1", "Address that both ports listen on; 0.0.0.0 opens the service to the network.")
    port: int = setting(8080, "HTTP port; 0 takes a free one.", least=0, most=65535)
    grpc_port: int = setting(8081, "gRPC port; 0 takes a free one.", least=0, most=65535)
    metrics_port: int = setting(
        0,
        "Port that serves /metrics, /livez and /readyz over plain HTTP and without keys, for probes and Prometheus; "
        "only they should reach it. 0: none.",
        least=0,
        most=65535,
    )
    workers: int = setting(
        1,
        "Processes that share the ports; one fully uses about one core, and more need a core each.",
        least=1,
        most=64,
    )
    max_connections: int = setting(
        4096, "HTTP connections that a process keeps open; the next one is closed at once.", least=1, most=1_000_000
    )
    header_timeout: float = setting(
        10.0, "Seconds in which a request's head must arrive; a slower client is cut off.", least=0.1, most=600
    )
    body_timeout: float = setting(
        60.0, "Seconds in which a request's body must arrive; a slower client gets a 408.", least=0.1, most=3600
    )
    keep_alive: float = setting(
        75.0,
        "Seconds that an HTTP connection may be silent between two requests; a balancer in front must hang up sooner, "
        "or its next request may be lost.",
        least=1,
        most=86_400,
    )
    tls_cert: str = setting(
        "",
        "Certificate chain (PEM): both ports speak TLS only, and read certificate and key anew when they change.",
        optional=True,
    )
    tls_key: str = setting("", "Private key (PEM) of the certificate.", optional=True)
    cors_origins: str = setting(
        "",
        "Origins, separated by commas, whose pages may call the HTTP API from a browser; * stands for all.",
        optional=True,
    )
    keys_file: str = setting(
        "",
        "File of API keys made by `scoring keys`, read anew when it changes; with one, every request needs a key.",
        optional=True,
    )
    allow_anonymous: bool = setting(
        default=False,
        text="Serve an address beyond loopback although neither keys nor tokens are asked for.",
    )
    oidc_issuer: str = setting(
        "",
        "OpenID Connect issuer (https://login.microsoftonline.com/TENANT/v2.0) whose bearer tokens are accepted.",
        optional=True,
    )
    oidc_audience: str = setting(
        "", "Audience that such a token must be made for; needed with an issuer.", optional=True
    )
    oidc_scopes: str = setting(
        "",
        "What a token's scopes and roles allow, such as Faq.Match=faq,Images.Classify=image,Operator=admin; "
        "left empty, they are called faq, image and admin.",
        optional=True,
    )
    client_rate: float = setting(
        0.0, "Requests per second of a client whose key or token names no rate; 0 sets no limit.", least=0, most=1e6
    )
    client_burst: int = setting(
        0,
        "Requests that such a client may send at once after a pause; 0 takes its rate, 1 at least.",
        least=0,
        most=1_000_000,
    )
    client_concurrent: int = setting(
        0,
        "Requests in flight of a client whose key or token names no number; 0 sets no limit.",
        least=0,
        most=1_000_000,
    )
    triton_url: str = setting(
        "127.0.0.1:8001",
        "Triton's gRPC address, host:port; several with commas between them, or dns:///NAME:PORT for all addresses of "
        "a name, take turns.",
    )
    image_triton_url: str = setting(
        "",
        "Tritons that are asked for images, such as those of a GPU pool, written as triton_url; empty: the same ones.",
        optional=True,
    )
    image_triton_fallback_url: str = setting(
        "",
        "Tritons that are asked for images while none of those is fit, such as those of a CPU pool.",
        optional=True,
    )
    model_repository: str = setting("model_repository", "Folder whose versions' catalogs turn ids into answers.")
    faq_model: str = setting("faq_matcher", "Name of the FAQ model in Triton and of its folder in the repository.")
    image_model: str = setting(
        "resnet152", "Name of the image classifier in Triton and of its folder in the repository."
    )
    deadline: float = setting(
        5.0,
        "Seconds that a request may take, waiting included, unless it names its own; a longer one fails with 504.",
        least=0.001,
        most=600,
    )
    max_deadline: float = setting(
        30.0,
        "Most seconds that a request may ask for with Request-Timeout or a gRPC deadline; more is cut to it.",
        least=0.001,
        most=600,
    )
    readiness_deadline: float = setting(
        1.0, "Seconds the golden question may take before its model counts as not ready.", least=0.001, most=60
    )
    max_batch_size: int = setting(
        64, "Most questions in one call to Triton; never more than the model's max_batch_size.", least=1, most=4096
    )
    max_calls: int = setting(
        4, "Calls to Triton at a time, per model; fewer leave a Triton with many instances idle.", least=1, most=256
    )
    max_waiting: int = setting(
        1024,
        "Questions that may be admitted and not yet answered; the next one is refused with 503.",
        least=1,
        most=1_000_000,
    )
    max_waiting_bytes: int = setting(
        67_108_864, "Most bytes of FAQ requests held at a time; more are refused with 503.", least=1024, most=1 << 40
    )
    max_questions: int = setting(100, "Most questions in one request.", least=1, most=10_000)
    max_question_length: int = setting(20_000, "Most characters in a question.", least=1, most=1_000_000)
    max_body_bytes: int = setting(
        1_048_576, "Most bytes in the body of a FAQ request, HTTP and gRPC alike.", least=1024, most=1 << 30
    )
    max_images: int = setting(16, "Most images in one request.", least=1, most=10_000)
    max_image_bytes: int = setting(10_485_760, "Most bytes in an image file.", least=1024, most=1 << 30)
    max_image_pixels: int = setting(
        52_000_000,
        "Most pixels in an image; decoding takes up to 4 bytes of memory for each.",
        least=1,
        most=89_478_485,
    )  # above, Pillow itself suspects a decompression bomb
    max_image_body_bytes: int = setting(
        20_971_520, "Most bytes in the body of an image request, HTTP and gRPC alike.", least=1024, most=1 << 30
    )
    max_image_batch_size: int = setting(
        8,
        "Most images in one call to Triton, less where the model's max_batch_size is less; more suits GPUs, and makes "
        "everyone wait longer under overload.",
        least=1,
        most=4096,
    )
    max_image_calls: int = setting(
        2, "Calls with images to Triton at a time; with 1 the engine idles between two calls.", least=1, most=256
    )
    max_waiting_images: int = setting(
        128,
        "Images that may be admitted and not yet answered; the next one is refused with 503.",
        least=1,
        most=1_000_000,
    )
    max_waiting_image_bytes: int = setting(
        335_544_320, "Most bytes of image requests held at a time; more are refused with 503.", least=1024, most=1 << 40
    )
    decode_threads: int = setting(
        0, "Threads that decode images; 0 takes one for each core that the process may use.", least=0, most=1024
    )
    drain_delay: float = setting(
        0.0,
        "Seconds to go on serving after SIGTERM while /readyz already says no: until all balancers have noticed.",
        least=0,
        most=600,
    )
    grace: int = setting(
        2, "Seconds that requests in flight get to finish after that, or after Ctrl-C.", least=1, most=600
    )
    log_requests: str = setting(
        "all",
        "Requests that get a line in the log: all, errors (status 400 and above) or none.",
        choices=("all", "errors", "none"),
    )
    log_format: str = setting(
        "json", "Lines of the log for programs (json) or for people (text).", choices=("json", "text")
    )
    otlp_endpoint: str = setting(
        "", "OTLP/HTTP address that traces are sent to, such as http://collector:4318; empty sends none.", optional=True
    )
    trace_ratio: float = setting(
        0.01,
        "Share of requests without a traceparent that are traced; those with one follow its flag.",
        least=0,
        most=1,
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables SCORING_<NAME>; others keep their defaults.

        Raises SettingsError for a value that is not of the field's type or out of its range.
        """
        given = {f: environ[env_name(f)] for f in fields(cls) if env_name(f) in environ}
        return cls(**{f.name: parse(f, text) for f, text in given.items()})
