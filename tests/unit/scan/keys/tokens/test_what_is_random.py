"""What of a token is random is what is asked about: numbers of accounts before it and names of settings say nothing."""

from __future__ import annotations

import base64
import json
import random
import string

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.tokens.services import ServiceTokens

DRAW = random.Random(5)
BASE62 = string.ascii_letters + string.digits


def letters(count: int, alphabet: str = BASE62) -> str:
    return "".join(DRAW.choices(alphabet, k=count))


def find(text: str) -> list[KeyFinding]:
    return list(ServiceTokens().find(Image("log", text.encode()), KnownKeys()))


SECRET = "kA7/" + letters(32, BASE62 + "+/") + "x9Q+"
ACCOUNT = "AKIA" + letters(14, string.ascii_uppercase) + "27"
WRITTEN = {
    "credentials": "[default]\naws_access_key_id = {a}\naws_secret_access_key = {s}\n",
    "aligned": "aws_secret_access_key      ={s}\n",
    "environment": "AWS_SECRET_ACCESS_KEY={s}\0",
    "shell": 'export AWS_SECRET_ACCESS_KEY="{s}"\n',
    "answer": '{{"Credentials": {{"AccessKeyId": "{a}", "SecretAccessKey": "{s}", "SessionToken": "x"}}}}',
    "XML": "<SecretAccessKey>{s}</SecretAccessKey>",
    "table": "||  SecretAccessKey |  {s}  ||",
    "JavaScript": "{{ accessKeyId: '{a}', secretAccessKey: '{s}' }}",
    "Python": "boto3.client('s3', aws_secret_access_key='{s}')",
    "CSV": "Access key ID,Secret access key\r\n{a},{s}\r\n",
    "a pair": "{a}:{s}",
}


@pytest.mark.parametrize("how", WRITTEN)
def test_the_secret_of_an_aws_account_is_found_by_the_name_or_the_number_before_it(how: str) -> None:
    found = find(WRITTEN[how].format(a=ACCOUNT, s=SECRET))
    assert [one.what.startswith("AWS ") for one in found if one.severity is Severity.TOTAL] == [True]


@pytest.mark.parametrize(
    "instead",
    [
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
        "YourSecretAccessKeyGoesHereReplaceItNow1",
        "A" * 40,
        SECRET[:39],
        SECRET + "a",
    ],
)
@pytest.mark.parametrize("how", WRITTEN)
def test_what_stands_in_the_place_of_a_secret_of_aws_is_none(how: str, instead: str) -> None:
    found = find(WRITTEN[how].format(a=ACCOUNT, s=instead))
    assert {one.severity for one in found} <= {Severity.LOW}


def test_tokens_of_slack_are_found_whose_numbers_begin_alike() -> None:
    for _ in range(100):
        near = "65942" + letters(8, string.digits)
        user = f"xoxp-6594206564213-{near}-65942{letters(8, string.digits)}-{letters(32, '0123456789abcdef')}"
        bot = f"xoxb-{near}-{near[:8]}{letters(5, string.digits)}-{letters(24)}"
        assert [one.what for one in find(f"{user} {bot}")] == ["Slack user token", "Slack bot token"]


def test_a_word_behind_the_numbers_of_slack_is_none() -> None:
    assert not find("xoxb-6594206564213-1234567890123-YourSlackBotTokenGoesHere"[:57])
    assert not find("xoxp-6594206564213-1111111111111-2222222222222-" + "0123456789abcdef" * 2)


def test_the_first_token_of_a_vault_is_found_and_a_member_of_an_object_is_none() -> None:
    token = letters(22) + "a7"
    assert [one.what for one in find(f"Initial Root Token: hvs.{token}\n")] == ["HashiCorp Vault root token"]
    for other in (f"hvs.{token}x", "hvs.getElementsByClassNameOf", f"xhvs.{token}", f"hvs.{token[:23]}"):
        assert not find(f"{other} "), other


@pytest.mark.parametrize(
    "text",
    [
        "refund for order 10023 accepted on 2026-11-30 by the clerk alice",
        "refused connection from 10.0.0.5:43210, too many requests now ok",
    ],
)
def test_text_in_base64_is_no_token_of_artifactory_and_one_that_says_so_is(text: str) -> None:
    assert not find(json.dumps({"data": base64.b64encode(text.encode()).decode()}))
    token = base64.b64encode(f"reftkn:01:1764509821:{letters(27)}".encode()).decode()
    assert [one.what for one in find(f"token {token}")] == ["Artifactory reference token"]


def test_what_may_be_the_name_of_a_token_of_openshift_is_not_said_to_be_the_token() -> None:
    (found,) = find("sha256~" + base64.urlsafe_b64encode(DRAW.randbytes(32)).decode().rstrip("="))
    assert found.severity is Severity.MEDIUM
    assert "only the service can tell" in found.reason
