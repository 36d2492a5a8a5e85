"""The demo's page: the tree of edits in one HTML file that needs no other."""

import base64
import html
from importlib.resources import files
from string import Template

from langdesign_command.demo import script, sheet
from langdesign_command.demo.story import Node, Story
from langdesign_command.local.weights import RANDOM_NOTICE

_NOISE = "Nothing was learnt, neither where nor what: shown is that an edit stays inside its region."


def write(story: Story) -> None:
    """Write `story.page`."""
    template = Template(files("langdesign_command.demo").joinpath("page.html").read_text("utf-8"))
    notice = f'<p class="notice"><strong>Note: {RANDOM_NOTICE}.</strong> {_NOISE}</p>'
    text = template.substitute(
        notice=notice if story.random_weights else "",
        room=_figure(script.caption(), story.room),
        tree=_branch(story, script.ROOM),
        cards="\n".join(_card(node) for node in story.nodes),
        count=len(story.nodes),
        seconds=f"{story.seconds:.0f}",
    )
    story.page.write_text(text, "utf-8")


def _branch(story: Story, parent: str) -> str:
    """Return the nodes below one as nested lists."""
    below = [node for node in story.nodes if node.chapter.parent == parent]
    items = "".join(
        f'<li><a href="#{node.chapter.key}"><img alt="" src="{_uri(node.result.image.data)}">'
        f"<span>{node.chapter.key}. {html.escape(node.chapter.instruction)}</span></a>"
        f"{_branch(story, node.chapter.key)}</li>"
        for node in below
    )
    return f"<ul>{items}</ul>" if items else ""


def _card(node: Node) -> str:
    chapter = node.chapter
    return _CARD.substitute(
        key=chapter.key,
        instruction=html.escape(chapter.instruction),
        shows=html.escape(chapter.shows),
        on=f"node {chapter.parent}" if chapter.parent else "the room",
        badge=_badge(node),
        before=_figure("before", node.before),
        mask=_figure("where", sheet.masked(node)),
        after=_figure("after", node.result.image.data),
        figures="".join(f"<li>{html.escape(line)}</li>" for line in sheet.figures(node)),
    )


_CARD = Template(
    """<article id="$key">
  <header><h2>$key. “$instruction”</h2>$badge</header>
  <p class="shows">On $on: $shows.</p>
  <div class="strip">$before$mask$after</div>
  <ul class="figures">$figures</ul>
</article>"""
)


def _badge(node: Node) -> str:
    if node.broken:
        return f'<span class="badge bad">not kept: {html.escape(node.broken)}</span>'
    if node.result.no_op_reason:
        return '<span class="badge good">no-op, bit for bit</span>'
    return '<span class="badge good">0 pixels outside</span>'


def _figure(caption: str, data: bytes) -> str:
    words = html.escape(caption)
    return f'<figure><img alt="{words}" src="{_uri(data)}"><figcaption>{words}</figcaption></figure>'


def _uri(data: bytes) -> str:
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
