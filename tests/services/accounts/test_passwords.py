import time

import pytest

from services.accounts import passwords
from services.accounts.passwords import WeakPassword, hash_password, matches, require_acceptable, strength


def test_a_password_matches_its_own_hash_and_no_other() -> None:
    stored = hash_password("correct horse battery")
    assert matches("correct horse battery", stored)
    assert not matches("correct horse batterz", stored)
    assert not matches("", stored)


def test_the_cost_of_a_new_hash_is_twelve_unless_a_test_lowers_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert passwords.BCRYPT_COST == 12
    assert hash_password("correct horse battery").startswith("$2b$12$")


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "ninechar5",
        "é" * 9,
        "é" * 37,  # 74 bytes
        "a" * 73,
        "password123",
        "P4ssw0rd!!",
        "passwordpassword",
        "qwertyuiop",
        "1234567890",
        "abcdefghijkl",
        "aaaaaaaaaaaa",
        "abababababab",
        "anna.smith@example.com",
        "anna.smith1",
        "annasceramics",
        "welcome2024!",
        "kitchen tea",
        "nul\0character here",
        "half a pair \ud800 here",
    ],
)
def test_a_password_that_is_short_long_or_easily_guessed_is_refused_with_advice(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        require_acceptable(password, "anna.smith@example.com", "Anna's Ceramics")
    assert refused.value.errors[0].field == "password"
    assert refused.value.message.endswith(".")
    assert password not in refused.value.message


@pytest.mark.parametrize(
    "password", ["correct horse battery", "vitrine demo shop", "Märzschnee fällt", "k7#Qpw92!mZ", "ßäöüÄÖÜéèê"]
)
def test_a_password_that_is_hard_to_guess_is_taken(password: str) -> None:
    require_acceptable(password, "anna.smith@example.com", "Anna's Ceramics")
    verdict = strength(password, "anna.smith@example.com", "Anna's Ceramics")
    assert verdict.is_enough
    assert verdict.advice == ""


def test_seventy_two_bytes_are_taken_and_seventy_three_refused_rather_than_cut() -> None:
    longest = "correct horse battery staple ".ljust(72, "z")
    require_acceptable(longest, "")
    stored = hash_password(longest)
    assert matches(longest, stored)
    assert not matches(longest + "z", stored)
    with pytest.raises(WeakPassword, match="72 bytes"):
        require_acceptable(longest + "z", "")


def test_a_longer_and_more_varied_password_scores_higher() -> None:
    scores = [
        strength(one).score for one in ("short", "abcdmabcdm", "kitchen tea", "k7#Qpw92!mZ", "k7#Qpw92!mZ and more")
    ]
    assert scores == sorted(scores)
    assert scores[0] == 0
    assert scores[-1] == 4


def test_a_long_name_of_ones_own_is_no_password() -> None:
    email = "anna.smith.ceramics.and.glass@example.com"
    assert "too close to your name, your e-mail address" in strength(email, email).advice
    assert strength(email, "ben@example.com").is_enough


def test_one_persons_words_do_not_weigh_on_anothers_password() -> None:
    password = "zzyzx quorlton vexil"
    assert strength(password, "someone@example.com").is_enough
    assert not strength("quorltonvexil", "quorlton@vexil.example").is_enough
    assert strength("quorltonvexil", "someone@example.com").is_enough


def test_the_password_that_takes_longest_to_judge_takes_no_longer_than_a_few_hashes() -> None:
    disguises = "4@8({[<69|1!70$5+%2"
    started = time.process_time()
    strength((disguises * 4)[:72])
    assert time.process_time() - started < 1.5


def test_an_unknown_account_costs_the_same_hash_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "BCRYPT_COST", 5)
    stored = hash_password("correct horse battery")
    checked: list[bytes] = []
    really = passwords.bcrypt.checkpw

    def noted(password: bytes, hashed: bytes) -> bool:
        checked.append(hashed)
        return really(password, hashed)

    monkeypatch.setattr(passwords.bcrypt, "checkpw", noted)
    assert not matches("some wrong password", stored)
    assert not matches("some wrong password", None)
    assert [hashed.split(b"$")[2] for hashed in checked] == [b"05", b"05"]
