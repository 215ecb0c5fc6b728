"""From a CustomResourceDefinition to a JSON schema that refuses what it does not know, without anything said to people.

A cluster would drop a misspelt field silently; here it is an error. What the operator leaves open, as a broker's
configuration, stays open.
"""

from collections.abc import Mapping
from typing import Any

KEPT = (
    *("type", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength"),
    *("minItems", "maxItems", "minProperties", "maxProperties", "required"),
)
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
METADATA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "namespace": {"type": "string"},
        "labels": TEXTS,
        "annotations": TEXTS,
    },
    "required": ["name"],
    "additionalProperties": False,
}


def schema_of(definition: Mapping[str, Any], version: str) -> dict[str, Any]:
    """Return the strict schema of the definition's kind in that version."""
    spec = definition["spec"]
    found = next(each for each in spec["versions"] if each["name"] == version)["schema"]["openAPIV3Schema"]
    schema = strict({**found, "properties": {"spec": found["properties"]["spec"]}})
    named = {"apiVersion": {"const": f"{spec['group']}/{version}"}, "kind": {"const": spec["names"]["kind"]}}
    schema["properties"] |= {**named, "metadata": METADATA}
    schema["required"] = ["apiVersion", "kind", "metadata", "spec"]
    return schema


def strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema without descriptions, defaults and rules in other languages, closed where it lists its fields."""
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    found = {name: schema[name] for name in KEPT if name in schema}
    if "items" in schema:
        found["items"] = strict(schema["items"])
    if "properties" in schema:
        found["properties"] = {name: strict(each) for name, each in schema["properties"].items()}
    if isinstance(schema.get("additionalProperties"), Mapping):
        found["additionalProperties"] = strict(schema["additionalProperties"])
    elif "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        found["additionalProperties"] = False
    return found
