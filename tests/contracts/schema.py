"""The descriptor set as protobuf sees it: the messages, and protobuf's own JSON parser and printer for them."""

from functools import cache
from importlib.resources import files
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from services.contracts.statements import TransparencyStatement
from services.contracts.topics import TOPICS

PACKAGE = "staydown.v1"
BINPB = files("services.contracts") / "staydown.binpb"


@cache
def descriptor_set() -> descriptor_pb2.FileDescriptorSet:
    """Return the committed descriptor set."""
    return descriptor_pb2.FileDescriptorSet.FromString(BINPB.read_bytes())


@cache
def pool() -> descriptor_pool.DescriptorPool:
    """Return a pool that holds the descriptor set and nothing else."""
    filled = descriptor_pool.DescriptorPool()
    for file in descriptor_set().file:
        filled.Add(file)
    return filled


def descriptor(kind: type) -> Descriptor:
    """Return the message that a fact's class is named after."""
    return pool().FindMessageTypeByName(f"{PACKAGE}.{kind.__name__}")


def parse(kind: type, value: bytes) -> Message:
    """Return the message in `value`, read by protobuf's own JSON parser, which refuses unknown fields."""
    message = message_factory.GetMessageClass(descriptor(kind))()
    return json_format.Parse(value.decode(), message, descriptor_pool=pool())


def print_json(message: Message, **options: Any) -> bytes:
    """Return a message as protobuf's own JSON printer writes it, with original field names."""
    return json_format.MessageToJson(message, preserving_proto_field_name=True, **options).encode()


EXPORTED: tuple[type, ...] = (TransparencyStatement,)
"""What is written for others on no topic."""

KINDS: tuple[type, ...] = (*dict.fromkeys(topic.fact for topic in TOPICS), *EXPORTED)
"""Every kind of fact, each once."""
