"""Where this copy of the book lives: the address behind the Colab, edit and issue buttons.

It is looked up as for the notebooks (tools/set_repo.py): $GANBOOK_REPO, else the git remote ``origin`` if that is on
GitHub. Without either the buttons are off. The branch is $GANBOOK_BRANCH, else main.
"""

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))
from set_repo import PLACEHOLDER, look_up


def configure(app, config):
    address, options = look_up(), config.html_theme_options
    if address == PLACEHOLDER:
        options.update(repository_url="", launch_buttons={}, use_repository_button=False, use_issues_button=False,
                       use_edit_page_button=False)
    else:
        options.update(repository_url=address, repository_branch=os.environ.get("GANBOOK_BRANCH", "main"))


def setup(app):
    app.connect("config-inited", configure, priority=900)
    return {"parallel_read_safe": True}
