"""Binary protobuf on the topics that others write: it becomes proto3 JSON, and the codec decides about that.

So there is one set of checks for both forms. Unknown fields are ignored, as in JSON; an enum's value that is not in the
contract is malformed. It costs more than JSON, since it goes through it: who has the choice writes JSON.
"""

from functools import cache
from importlib.resources import files
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.message import DecodeError

from services.contracts.malformed import MalformedError

PROTOBUF = "application/protobuf"
_PACKAGE = "staydown.v1"


def json_of(kind: type, value: bytes) -> bytes:
    """Return the JSON of the message `value`, of the fact's type `kind`, or raise `MalformedError`."""
    message = _message_class(kind)()
    try:
        message.ParseFromString(value)
        text = json_format.MessageToJson(message, preserving_proto_field_name=True, indent=None, ensure_ascii=False)
        return text.encode()
    except (DecodeError, json_format.Error, ValueError) as error:  # a time beyond the year 9999 is a ValueError
        raise MalformedError(f"not protobuf: {error}") from error


@cache
def _message_class(kind: type) -> Any:
    """Return the class of the message that a fact's class is named after."""
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{_PACKAGE}.{kind.__name__}"))


@cache
def _pool() -> descriptor_pool.DescriptorPool:
    """Return a pool that holds the contract's descriptor set and nothing else."""
    described = (files("services.contracts") / "staydown.binpb").read_bytes()
    filled = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(described).file:
        filled.Add(file)
    return filled
