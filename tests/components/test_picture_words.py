"""The words around a picture: prices, sizes, verdicts, what made it."""

from datetime import date

import pytest

from components.create.price_button import price_label
from components.kit.facts import format_words, size_words
from components.marketplaces.marked_picture import Picture, marked_picture
from components.marketplaces.report import RuleLine, stored_rules, verdict
from components.recipes.options import price_words
from components.recipes.words import made_by


@pytest.mark.parametrize(
    ("count", "credits", "words"),
    [
        (5, 5, "Make 5 pictures · 5 credits"),
        (1, 1, "Make 1 picture · 1 credit"),
        (3, 0, "Make 3 pictures · free"),
    ],
)
def test_the_button_says_how_many_pictures_and_what_they_cost(count: int, credits: int, words: str) -> None:
    assert price_label(count, credits) == words


def test_prices_read_as_a_person_would_say_them() -> None:
    assert [price_words(credits) for credits in (0, 1, 50)] == ["free", "1 credit", "50 credits"]


@pytest.mark.parametrize(("n_bytes", "words"), [(10, "1 KB"), (421_000, "411 KB"), (3_250_586, "3.1 MB")])
def test_file_sizes_are_in_kilobytes_below_a_megabyte(n_bytes: int, words: str) -> None:
    assert size_words(n_bytes) == words


def test_formats_are_written_as_people_know_them() -> None:
    assert [format_words(f"image/{name}") for name in ("jpeg", "webp", "avif")] == ["JPEG", "WebP", "AVIF"]


def test_a_picture_is_named_by_its_marketplace_before_its_operations() -> None:
    recipe = {"steps": [{"op": "enhance", "params": {}}, {"op": "background", "params": {"preset": "etsy"}}]}

    assert made_by(("enhance", "background"), recipe) == "Etsy"
    assert made_by(("remove_background", "crop")) == "Remove background, Crop"
    assert made_by(()) == ""


def test_the_verdict_counts_what_fails() -> None:
    good, bad = RuleLine("a", True, ""), RuleLine("b", False, "")

    assert verdict([good, good]) == "Passes all 2 rules"
    assert verdict([good, bad]) == "1 of 2 rules fails"
    assert verdict([bad, bad, good]) == "2 of 3 rules fail"


def test_rules_kept_with_a_result_come_back_with_their_source() -> None:
    kept = {
        "rule": "size",
        "title": "Large enough",
        "passed": False,
        "detail": "It is small.",
        "fix": "Make it larger.",
        "fix_step": {"op": "background", "params": {"preset": "ebay"}},
        "source": {"url": "https://example.com/rules", "read_on": "2026-11-21", "official": False},
        "places": [[1, 2, 30, 40]],
        "in_force_from": "2026-11-21",
    }

    (line,) = stored_rules([kept])

    assert (line.title, line.source, line.official) == ("Large enough", "https://example.com/rules", False)
    assert line.fix_step == kept["fix_step"]
    assert (line.places, line.coming_from, line.failed) == (((1, 2, 30, 40),), None, True)


def test_a_rule_that_is_coming_does_not_count_in_the_verdict() -> None:
    good, coming = RuleLine("a", True, ""), RuleLine("b", False, "", coming_from=date(2999, 1, 1))

    assert verdict([good, coming]) == "Passes all 1 rule"
    assert not coming.failed


def test_what_could_not_be_told_is_said_in_the_verdict() -> None:
    good, unknown, bad = RuleLine("a", True, ""), RuleLine("b", None, ""), RuleLine("c", False, "")

    assert verdict([good, unknown]) == "Passes 1 rule, 1 not checked"
    assert verdict([good, unknown, bad]) == "1 of 3 rules fails, 1 not checked"


def test_places_are_marked_in_shares_of_the_picture_with_their_numbers() -> None:
    html = marked_picture(Picture("/p/1", 400, 200), [(1, (100, 50, 200, 150)), (2, (0, 0, 400, 200))])

    assert "left:25.00%;top:25.00%;width:25.00%;height:50.00%" in html
    assert "<b>2</b>" in html
    assert "2 places marked" in html
    assert marked_picture(Picture("/p/1", 400, 200), []) == ""
