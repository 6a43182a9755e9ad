"""Requests and answers held against GitHub's published OpenAPI description."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from jsonschema import Draft7Validator, validators  # type: ignore[import-untyped]
from referencing import Registry
from referencing.jsonschema import DRAFT7

from ops.paths import PROJECT_ROOT

DESCRIPTION = PROJECT_ROOT / "node_modules/@octokit/openapi/generated/api.github.com.json"
_URN = "urn:github"


@dataclass(frozen=True)
class Operation:
    """One verb on one path template."""

    verb: str
    template: str
    document: Mapping[str, Any]

    def pointer(self, *parts: str) -> str:
        """A JSON pointer into the operation, as the fragment of a URI."""
        steps = ("paths", self.template, self.verb.lower(), *parts)
        return quote("/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps), safe="/~")


@cache
def _description() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    return document


@cache
def _registry() -> Registry[Any]:
    empty: Registry[Any] = Registry()
    registry: Registry[Any] = empty.with_resource(_URN, DRAFT7.create_resource(_description()))
    return registry


@cache
def _templates() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Path templates, those with most fixed parts first."""
    found = sorted(
        _description()["paths"], key=lambda path: len(re.sub(r"\{[^}]+\}", "", path)), reverse=True
    )
    return tuple((re.compile(_pattern(path)), path) for path in found)


def _pattern(template: str) -> str:
    # A git ref may have slashes in it, all other parameters have none.
    parts = re.split(r"(\{[^}]+\})", template)
    wild = {"{ref}": ".+", "{path}": ".+"}
    return "".join(wild.get(p, "[^/]+") if p.startswith("{") else re.escape(p) for p in parts)


def _nullable(keyword: Any) -> Any:
    """OpenAPI 3.0's `nullable`, which JSON Schema does not know, for one keyword."""

    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if instance is None and schema.get("nullable"):
            return
        yield from keyword(validator, value, instance, schema) or ()

    return check


_Validator = validators.extend(
    Draft7Validator, {name: _nullable(keyword) for name, keyword in Draft7Validator.VALIDATORS.items()}
)


def operation(verb: str, path: str) -> Operation | None:
    """The described operation that a request means."""
    for pattern, template in _templates():
        document = _description()["paths"][template].get(verb.lower())
        if document is not None and pattern.fullmatch(path):
            return Operation(verb, template, document)
    return None


def complaints(verb: str, path: str, query: Mapping[str, str], body: Any) -> list[str]:
    """What is wrong with a request; nothing where GitHub's description allows it."""
    found = operation(verb, path)
    if found is None:
        return [f"{verb} {path} is not described"]
    return [f"{verb} {path}: {line}" for line in (*_of_query(found, query), *_of_body(found, body))]


def _of_query(found: Operation, query: Mapping[str, str]) -> Iterator[str]:
    described = {}
    for parameter in found.document.get("parameters", []):
        if "$ref" in parameter:
            parameter = _description()["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
        if parameter["in"] == "query":
            described[parameter["name"]] = parameter.get("schema", {})
    for name, value in query.items():
        if name not in described:
            yield f"query {name!r} is not described"
            continue
        typed = int(value) if described[name].get("type") == "integer" and value.isdigit() else value
        yield from (error.message for error in _Validator(described[name]).iter_errors(typed))


def _of_body(found: Operation, body: Any) -> Iterator[str]:
    content = found.document.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        if body is not None:
            yield "no body is described"
        return
    if body is None:
        if found.document["requestBody"].get("required"):
            yield "the body is missing"
        return
    yield from _errors(found.pointer("requestBody", "content", "application/json", "schema"), body)
    properties = content["schema"].get("properties")
    if properties is not None and isinstance(body, Mapping):
        yield from (f"body key {key!r} is not described" for key in body if key not in properties)


def answer_complaints(verb: str, path: str, status: int, body: Any) -> list[str]:
    """What is wrong with an answer that claims to be GitHub's."""
    found = operation(verb, path)
    if found is None:
        return [f"{verb} {path} is not described"]
    if str(status) not in found.document["responses"]:
        return [f"{verb} {path}: status {status} is not described"]
    pointer = found.pointer("responses", str(status), "content", "application/json", "schema")
    return list(_errors(pointer, body))


def _errors(pointer: str, instance: Any) -> Iterator[str]:
    validator = _Validator({"$ref": f"{_URN}#{pointer}"}, registry=_registry())
    for error in validator.iter_errors(instance):
        yield f"{'.'.join(str(part) for part in error.absolute_path) or 'body'}: {error.message[:200]}"
