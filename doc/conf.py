"""Sphinx reads the pages of this directory, which are Markdown (MyST). See documentation.md.

Two things are not in the pages, so that they read well where Markdown is shown as it is: the tree of contents is made
of the links in index.md, section by section, and of the files in detectors/; man pages are set by groff.
"""
import os
import re
import subprocess

from docutils import nodes
from docutils.parsers.rst import Directive

extensions = ["myst_parser"]
project = "firewatch"
copyright = "the authors of firewatch" # pylint: disable=redefined-builtin
root_doc = "index"
exclude_patterns = ["man"]
myst_heading_anchors = 4 # links to sections have the names that Git forges give them
nitpicky = True
highlight_language = "none" # log lines and rsyslog.conf: there is no lexer for either
html_theme = "alabaster"
html_title = "firewatch"
html_copy_source = False
html_theme_options = {"description": "what a careful administrator would have found in the logs", "page_width": "1100px",
                      "sidebar_width": "240px", "fixed_sidebar": True, "show_powered_by": False}


def trees(text):
    for title, body in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, flags=re.S | re.M):
        pages = re.findall(r"\]\(([\w-]+)\.md\)", body)
        if pages:
            yield "\n".join(["", "```{toctree}", ":hidden:", f":caption: {title}", ""] + pages + ["```", ""])


def add_trees(_app, name, source):
    if name == root_doc:
        source[0] += "".join(trees(source[0]))
    elif name == "detectors":
        source[0] += "\n```{toctree}\n:hidden:\n:glob:\n\ndetectors/*\n```\n"


class ManPage(Directive):
    """```{manpage} man/firewatch.1: the page as a terminal shows it."""
    required_arguments = 1

    def run(self):
        env = self.state.document.settings.env
        path = os.path.join(env.srcdir, self.arguments[0])
        env.note_dependency(path)
        done = subprocess.run(["groff", "-man", "-Tutf8", "-rLL=90n", "-P-cbou", path], capture_output=True, text=True,
                              encoding="utf-8", check=False)
        if done.returncode != 0 or done.stderr:
            return [self.state_machine.reporter.warning(f"{path}: {done.stderr}", line=self.lineno)]
        page = nodes.literal_block(done.stdout, done.stdout)
        page["language"] = "none"
        return [page]


def setup(app):
    app.connect("source-read", add_trees)
    app.add_directive("manpage", ManPage)
    return {"parallel_read_safe": True}
