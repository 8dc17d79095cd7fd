"""`demo-output/index.html`: everything that was made, to look at without a server."""

from pathlib import Path

from jinja2 import Environment, PackageLoader

from plugin_backend.demo.journey import PROMPT, Story


def write_page(story: Story, output: Path) -> Path:
    """Write the page beside the files it shows; returns its path."""
    templates = Environment(loader=PackageLoader("plugin_backend", "demo"), autoescape=True)
    path = output / "index.html"
    path.write_text(templates.get_template("page.html").render(story=story, prompt=PROMPT), encoding="utf-8")
    return path
