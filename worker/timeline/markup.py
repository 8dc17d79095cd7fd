"""The XML that two of the formats are written in."""

from xml.etree import ElementTree as ET

from worker.timeline.text import legible

Element = ET.Element


def add(parent: Element, tag: str, text: str | int | None = None, /, **attributes: str) -> Element:
    """A new last child; attributes and text may hold anything a prompt can."""
    child = ET.SubElement(parent, tag, {name: legible(value) for name, value in attributes.items()})
    if text is not None:
        child.text = legible(str(text))
    return child


def document(root: Element, *, doctype: str) -> bytes:
    """The finished file."""
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE {doctype}>\n{body}\n'.encode()
