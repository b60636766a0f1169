"""What the canaries of a scenario derive from."""

from __future__ import annotations

from redactfuzz.model.canary._token import token
from redactfuzz.model.canary.kinds import mint
from redactfuzz.model.canary.secret import seed_of_secrets


def test_two_scenarios_share_no_secret_and_one_has_the_same_each_time() -> None:
    def secret(seed: int, scenario: str) -> str:
        return mint(seed_of_secrets(seed, scenario), "key", token(), 1).text

    assert secret(1, "test_one") == secret(1, "test_one")
    assert len({secret(1, "test_one"), secret(1, "test_two"), secret(2, "test_one")}) == 3
