"""Finding services by words and tags, without regard to case."""

from collections import Counter
from collections.abc import Collection, Iterable

from kodosumi.domain.catalog.models import Service


def matching(services: Iterable[Service], q: str, tags: Collection[str]) -> list[Service]:
    """Return the services that have every word of `q` and every one of `tags`, by summary."""
    words = q.casefold().split()
    wanted = {tag.casefold() for tag in tags}
    hits = [
        service
        for service in services
        if wanted <= {tag.casefold() for tag in service.tags}
        and all(word in _text(service) for word in words)
    ]
    return sorted(hits, key=lambda service: (service.summary.casefold(), service.id))


def counted_tags(services: Iterable[Service]) -> dict[str, int]:
    """Return how many services have each tag, in alphabetical order."""
    counts = Counter(tag for service in services for tag in service.tags)
    return dict(sorted(counts.items(), key=lambda item: item[0].casefold()))


def _text(service: Service) -> str:
    fields = (service.summary, service.description, service.author, service.organization)
    return "\n".join((*fields, *service.tags)).casefold()
