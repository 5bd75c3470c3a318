"""Faults are repeatable and spoil only what travels."""

from __future__ import annotations

import json

import pytest

from pipelines.errors import UsageError
from pipelines.sandbox.adapters.doudian import ADAPTER
from pipelines.sandbox.clock import span_of
from pipelines.sandbox.faults import PROFILES, RECORDS, WIRE, Faults

BODY = json.dumps(
    {
        "code": 10000,
        "data": {
            "total": 2,
            "shop_order_list": [{"create_time": 1, "s": '}"{'}, {"create_time": 2}],
        },
    },
    separators=(",", ":"),
).encode()


def test_a_seed_repeats_itself_and_none_is_quiet() -> None:
    first, second = Faults("hostile", 7), Faults("hostile", 7)
    drawn = [first.on_the_wire("jd") for _ in range(500)]
    assert drawn == [second.on_the_wire("jd") for _ in range(500)]
    assert set(drawn) - {None} == set(WIRE)
    quiet = Faults()
    assert {quiet.on_the_wire("jd") for _ in range(100)} == {None}
    assert quiet.spoil(BODY, ADAPTER) == BODY


def test_a_fault_of_one_channel_is_in_all_of_its_answers_and_in_no_other() -> None:
    down = Faults("reset@jd")
    assert {down.on_the_wire("jd") for _ in range(20)} == {"reset"}
    assert {down.on_the_wire("pdd") for _ in range(20)} == {None}
    changed = Faults("unknown_field@doudian")
    assert b"field_of_next_year" in changed.spoil(BODY, ADAPTER)
    assert Faults("unknown_field@jd").spoil(BODY, ADAPTER) == BODY


def test_several_faults_by_name() -> None:
    several = Faults("reset+token_dead", 5)
    assert {several.on_the_wire("jd") for _ in range(500)} == {None, "reset", "token_dead"}


@pytest.mark.parametrize("profile", ["late@jd", "hostile@jd", "@jd", "reset+hostile", "reset+"])
def test_what_is_no_single_channel_s_fault_is_refused(profile: str) -> None:
    with pytest.raises(UsageError, match="No fault profile"):
        Faults(profile)


def test_limits_come_in_bursts() -> None:
    faults = Faults("hostile", 3)
    drawn = [faults.on_the_wire("jd") for _ in range(2000)]
    first = drawn.index("rate_limited")
    assert drawn[first : first + 4] == ["rate_limited"] * 4


@pytest.mark.parametrize("kind", RECORDS)
def test_each_fault_of_records_does_what_it_says(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(dict(PROFILES), "x", {})
    faults = Faults()
    faults._shares = {kind: 1.0}
    data = json.loads(faults.spoil(BODY, ADAPTER))["data"]
    orders = data["shop_order_list"]
    changed = {
        "duplicate": [order["create_time"] for order in orders] == [1, 1, 2],
        "unknown_field": "field_of_next_year" in orders[0],
        "type_flip": orders[0]["create_time"] == {"value": 1},
        "page_loop": data["total"] > 10**6,
    }
    assert changed[kind]
    assert sum(changed.values()) == 1


def test_unknown_profiles_and_spans_are_said() -> None:
    with pytest.raises(UsageError, match="No fault profile"):
        Faults("chaos")
    with pytest.raises(UsageError, match="no span"):
        span_of("soon")
    assert span_of("26h").total_seconds() == 93_600
