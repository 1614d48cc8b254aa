"""The ways to Triton: one for all models, or one of its own for images."""

from gateway.settings import Settings
from gateway.triton.addresses import NOWHERE, parse
from gateway.triton.channel import TritonChannel
from gateway.triton.standing import ReplicaState


class TritonChannels:
    """A channel for questions and one for images, the same one unless the settings part them.

    Make it inside the event loop that it is to live on. Raises SettingsError for addresses that cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        tritons = parse(settings.triton_url)
        own, reserve = settings.image_triton_url, settings.image_triton_fallback_url
        images = parse(own, "SCORING_IMAGE_TRITON_URL") if own else tritons
        stand_ins = parse(reserve, "SCORING_IMAGE_TRITON_FALLBACK_URL") if reserve else NOWHERE
        self._image_model = settings.image_model
        self.questions = TritonChannel(tritons)
        self.images = TritonChannel(images, stand_ins) if own or reserve else self.questions
        self._all = {self.questions, self.images}

    @property
    def stand_ins(self) -> int:
        """Calls that were answered by Tritons which only stand in for others, since the start."""
        return sum(channel.stand_ins for channel in self._all)

    def replicas(self) -> list[ReplicaState]:
        """Return what is known of each Triton, by each way that leads to it."""
        return [state for channel in self._all for state in channel.replicas()]

    def outage(self, model: str) -> str | None:
        """Return why no Triton can be asked for a model now; None while there is one."""
        return (self.images if model == self._image_model else self.questions).outage(model)

    async def close(self) -> None:
        """Close the connections; calls in flight are cancelled."""
        for channel in self._all:
            await channel.close()
