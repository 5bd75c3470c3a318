from __future__ import annotations

import pytest

from pipelines.errors import KoujingError, UsageError
from pipelines.publish.versions import Ledger, VersionStore
from pipelines.settings import Settings


def test_before_the_first_publish_there_is_no_version(settings: Settings) -> None:
    store = VersionStore(settings)
    assert store.current() is None
    assert store.all() == []


def test_before_the_first_publish_no_database_is_found(settings: Settings) -> None:
    with pytest.raises(UsageError, match=r"v20261122\.013005") as caught:
        VersionStore(settings).database("v20261122.013005")
    assert caught.value.hint == "Nothing is published yet."


def test_reading_creates_nothing(settings: Settings) -> None:
    VersionStore(settings).all()
    assert not settings.home.exists()


def test_a_damaged_ledger_says_what_to_do(settings: Settings) -> None:
    store = VersionStore(settings)
    store.ledger_path.parent.mkdir(parents=True)
    store.ledger_path.write_text('{"current": ', encoding="utf-8")
    with pytest.raises(KoujingError, match="damaged") as caught:
        store.current()
    assert "koujing publish" in caught.value.hint


def test_a_version_whose_folder_is_gone_is_an_error_not_an_empty_answer(settings: Settings) -> None:
    store = VersionStore(settings)
    store.commit(Ledger(current="v1", published=["v1"], schemas={}))
    with pytest.raises(KoujingError, match="v1 is published, but"):
        store.current()
