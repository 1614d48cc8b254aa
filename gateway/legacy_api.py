"""The 2019 contract, POST /api/v1/service/faq/score: its clients change only the host name.

Request `{"input": "question"}`. Reply: a JSON *string* that holds the JSON text `[[question id, answer id,
probability], ...]`, best first; the scoring script encoded its result and the web service encoded it once more, so
clients decode twice. Source: https://github.com/microsoft/az-ml-realtime-score, 03_Develop_Scoring_Script.ipynb (reply)
and 06_Real_Time_Scoring.ipynb (how clients read it). The old service listed every entry; this one lists the best that
the model ranks.
"""

import msgspec

from gateway.decoding import decode
from gateway.problems import Headers
from gateway.questions import FaqQuery
from gateway.schema import LegacyRequest
from gateway.service import ScoringService


class LegacyApi:
    """Answers in the shape of the 2019 service."""

    def __init__(self, service: ScoringService) -> None:
        self._service = service
        self._decoder = msgspec.json.Decoder(LegacyRequest)

    async def score(self, body: bytes, arrival: float) -> tuple[Headers, bytes]:
        """Answer one question with all the matches that the model ranks. Raises ScoringError."""
        request = decode(self._decoder, body)
        catalog = await self._service.catalog()
        answer = await self._service.match(FaqQuery(request.input, None, catalog.card.top_k, field="input"), arrival)
        matches = answer.results[0].matches
        rows = [[entry.line.id, entry.line.answer_id, probability] for entry, probability in matches]
        return [(b"content-type", b"application/json")], msgspec.json.encode(msgspec.json.encode(rows).decode())
