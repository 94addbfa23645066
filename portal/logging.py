"""One JSON object a line, with the request and the message it belongs to, and without secrets."""

from __future__ import annotations

import logging
import logging.config
import re
import sys
import uuid
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponseBase

HIDDEN = "[hidden]"
SECRET_NAMES = re.compile(r"authorization|api[-_]?key|secret|token|password|passwd|cookie|signature|hmac|credential", re.IGNORECASE)
SECRET_TEXTS = (
    re.compile(r"(?i)((?:bearer|basic)\s+)[\w.~+/=-]{8,}"),
    re.compile(r"(?i)((?:client_secret|secret|password|passwd|api[-_]?key|[a-z_]*token)[\"']?\s*[=:]\s*[\"']?)[^\s&\"',;}]+"),
    re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)"),
)
REQUEST_ID = re.compile(r"[\w.-]{8,64}")


def redact(value: Any) -> Any:
    """The same value with every secret hidden, by the name it goes by or the shape it has."""
    if isinstance(value, Mapping):
        return {key: HIDDEN if SECRET_NAMES.search(str(key)) else redact(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(inner) for inner in value]
    if isinstance(value, str):
        for shape in SECRET_TEXTS:
            value = shape.sub(rf"\g<1>{HIDDEN}", value)
    return value


def hide_secrets(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog's step that redacts a whole log line."""
    return {key: HIDDEN if key != "event" and SECRET_NAMES.search(key) else redact(value) for key, value in event.items()}


def about(**names: Any) -> Any:
    """A context in which every log line carries these names: `with about(message=12, connection=3): …`."""
    return structlog.contextvars.bound_contextvars(**names)


# What every line goes through, whether a library or we wrote it.
STEPS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]


class Terminal(logging.StreamHandler[Any]):
    """Writes to whatever standard error is at that moment: a test runner or a daemon may have replaced it since the start."""

    @property
    def stream(self) -> Any:
        return sys.stderr

    @stream.setter
    def stream(self, _value: Any) -> None:
        """The parent sets it once; it is looked up anew at each line."""


def formatter(shape: str) -> logging.Formatter:
    """How a finished line looks: `json` for machines, `text` for a terminal."""
    last: Any = structlog.dev.ConsoleRenderer(colors=False) if shape == "text" else structlog.processors.JSONRenderer(default=str)
    steps = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, hide_secrets, last]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=STEPS, processors=steps)


def configure(settings: Mapping[str, Any]) -> None:
    """Set up structlog and the standard library's logging alike; Django calls it with settings.LOGGING."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": formatter, "shape": settings["format"]}},
            "handlers": {"terminal": {"()": Terminal, "formatter": "line"}},
            "root": {"handlers": ["terminal"], "level": settings["level"]},
            "loggers": {
                "django": {"handlers": [], "level": settings["level"], "propagate": True},
                "django.server": {"handlers": [], "level": settings["level"], "propagate": True},
                "axes": {"level": "ERROR"},
                "django-q": {"level": "WARNING"},  # it has a line for every bell
                "urllib3": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *STEPS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class RequestContext:
    """Gives each request an id, its own or the proxy's, found in every log line and in the answer's X-Request-ID."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        with about(request_id=request_id):
            response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response
