"""The embedded default: an empty home gets the repository's small made-up exports.

Stands until the sandbox is there; a home that holds any load of its own is never touched.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import yaml

from pipelines.settings import PROJECT_ROOT, Settings

if TYPE_CHECKING:
    from pipelines.sources.inbox.loader import FileSummary

SAMPLES_DIR = PROJECT_ROOT / "data" / "samples"


def load_samples_into_empty_home(settings: Settings) -> list[FileSummary]:
    """Load the samples where nothing was ever loaded; says what was loaded, else nothing.

    A run killed between two samples leaves some; the rest is loaded by the next run, since the
    samples' own files are no load of the user's.
    """
    from pipelines.sources.inbox.ledger import landed
    from pipelines.sources.inbox.loader import load_paths

    samples = yaml.safe_load((SAMPLES_DIR / "manifest.yml").read_text(encoding="utf-8"))
    names = {sample["file"] for sample in samples}
    present = set(landed(settings, "files").column("file_name").to_pylist())
    if present - names or present == names:
        return []
    return [
        summary
        for sample in samples
        for summary in load_paths(
            settings,
            [SAMPLES_DIR / sample["file"]],
            sample["shop"],
            shop_name=sample["shop_name"],
            exported_at=datetime.fromisoformat(sample["exported_at"]),
        )
    ]
