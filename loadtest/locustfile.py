"""The load that Locust makes: who does what, how often, and what the service is held to.

locust -f loadtest/locustfile.py --headless -u 50 -t 1m --slo "p99<100ms" --html results/locust.html
"""

from locust import tag, task

from loadtest.grpc_driver import CLASSIFY_IMAGE, MATCH_FAQ
from loadtest.images.pictures import MEDIA_TYPE
from loadtest.locust_users import session
from loadtest.locust_users.users import ScoringUser

SLO = ["errors<0.1%,refused<1%"]  # unless --slo is given
FAQ, IMAGE = "faq", "image"  # what requests are counted under


class FaqHttpUser(ScoringUser):
    """Asks the gateway questions over HTTP."""

    @task(60)
    @tag("faq", "http")
    def ask_over_http(self) -> None:
        self.post(FAQ, "/v1/faq/match", next(self.inputs.http_questions), "application/json")


class FaqGrpcUser(ScoringUser):
    """Asks the gateway questions over gRPC."""

    @task(25)
    @tag("faq", "grpc")
    def ask_over_grpc(self) -> None:
        self.call(FAQ, MATCH_FAQ, next(self.inputs.grpc_questions))


class ImageHttpUser(ScoringUser):
    """Sends the gateway pictures over HTTP."""

    @task(10)
    @tag("image", "http")
    def classify_over_http(self) -> None:
        self.post(IMAGE, "/v1/images/classify?top_k=3", next(self.inputs.http_pictures), MEDIA_TYPE)


class ImageGrpcUser(ScoringUser):
    """Sends the gateway pictures over gRPC."""

    @task(5)
    @tag("image", "grpc")
    def classify_over_grpc(self) -> None:
        self.call(IMAGE, CLASSIFY_IMAGE, next(self.inputs.grpc_pictures))


class TritonFaqUser(ScoringUser):
    """Asks Triton questions, without the gateway."""

    @task
    @tag("faq", "triton")
    def ask_triton(self) -> None:
        self.infer(FAQ, next(self.inputs.triton_questions))


class TritonImageUser(ScoringUser):
    """Sends Triton decoded pictures, without the gateway."""

    @task
    @tag("image", "triton")
    def classify_with_triton(self) -> None:
        self.infer(IMAGE, next(self.inputs.triton_pictures))


class MixedUser(FaqHttpUser, FaqGrpcUser, ImageHttpUser, ImageGrpcUser):
    """Does what these four do, as often as their weights say: whom a run without names plays."""


session.install(default=MixedUser, names=(FAQ, IMAGE), slo=SLO)
