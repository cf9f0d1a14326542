"""The studio's components alone in a real Chromium: what they show and tell, whatever order things happen in."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.mounted import PIXEL

pytestmark = pytest.mark.browser


def job(id: str = "job_a", status: str = "queued", progress: float = 0.0, **more: Any) -> dict[str, Any]:
    stage = {"queued": "queued", "running": "Removing the background"}.get(status, status)
    return {
        "id": id, "name": f"{id}.jpg", "thumb": PIXEL, "clear": False, "status": status, "stage": stage,
        "progress": progress, "queue_position": 1, "eta_seconds": 4, "note": "", **more,
    }  # fmt: skip


def run(*jobs: dict[str, Any], epoch: str = "job_a:1", url: str = "/events/jobs?origin=drf_1") -> dict[str, Any]:
    return {"url": url, "epoch": epoch, "picked": None, "jobs": list(jobs)}


def test_progress_moves_with_the_stream_and_never_backwards_with_an_older_page(mount: Any) -> None:
    component = mount("kit/job_progress")
    component.show(**run(job()))
    component.hear("progress", **job(status="running", progress=0.6))
    bar = component.page.get_by_role("progressbar", name="job_a.jpg")
    expect(bar).to_have_attribute("aria-valuenow", "60")

    component.show(**run(job()))

    expect(bar).to_have_attribute("aria-valuenow", "60")
    assert component.page.evaluate("streams.length") == 1, "a rerun must not open another stream"


def test_the_end_of_a_job_is_told_and_told_again_until_the_page_knows(mount: Any) -> None:
    component = mount("kit/job_progress")
    component.show(**run(job()))
    component.hear("succeeded", **job(status="succeeded", progress=1.0))
    assert component.has_told(["ended", ["job_a"]])

    component.show(**run(job(status="running", progress=0.9)))

    assert component.has_told(["ended", ["job_a"]], ["ended", ["job_a"]])
    expect(component.page.locator(".headline")).to_have_text("Ready")


def test_the_headline_counts_as_a_person_would(mount: Any) -> None:
    component = mount("kit/job_progress")
    headline = component.page.locator(".headline")
    for statuses, words in {
        ("running",): "Being made",
        ("failed",): "Finished, but it did not work",
        ("cancelled",): "Cancelled",
        ("succeeded", "running"): "1 of 2 done",
        ("succeeded", "succeeded"): "All 2 done",
        ("succeeded", "failed"): "Finished, 1 of 2 did not work",
        ("cancelled", "cancelled", "failed"): "Finished, 1 of 3 did not work, 2 of 3 were cancelled",
    }.items():
        component.show(**run(*(job(f"job_{number}", status=status) for number, status in enumerate(statuses))))
        expect(headline).to_have_text(words)


def test_a_result_in_doubt_does_not_look_like_a_good_one(mount: Any) -> None:
    component = mount("kit/job_progress")
    doubtful = job("job_b", "succeeded", 1.0, note="Please check, not charged", doubt=True)
    component.show(**run(job("job_a", "succeeded", 1.0), doubtful))
    expect(component.page.locator(".mark")).to_have_text(["✓", "!"])


def test_a_job_that_starts_over_is_followed_afresh(mount: Any) -> None:
    component = mount("kit/job_progress")
    component.show(**run(job()))
    component.hear("failed", **job(status="failed"))
    expect(component.page.locator(".note")).to_have_text("Not made, not charged")

    component.show(**run(job(), epoch="job_a:2"))

    expect(component.page.locator(".note")).to_have_text("Number 1 in line")
    assert component.page.evaluate("[streams.length, streams[0].readyState]") == [2, 2]


def test_cancel_all_names_only_what_still_runs(mount: Any) -> None:
    component = mount("kit/job_progress")
    component.show(**run(job("job_a", "succeeded", 1.0), job("job_b"), job("job_c", "running", 0.2)))

    component.page.get_by_role("button", name="Cancel all").click()

    assert component.has_told(["cancel", ["job_b", "job_c"]])


def test_what_the_stream_says_of_many_jobs_is_drawn_in_one_go_and_on_their_cards_alone(mount: Any) -> None:
    component = mount("kit/job_progress")
    many = [job(f"job_{number}", queue_position=number) for number in range(60)]
    component.show(**run(*many))
    component.page.evaluate("""() => {
      const root = document.querySelector("div").shadowRoot;
      const count = (node) => {
        const counted = { changes: 0 };
        const options = { attributes: true, childList: true, characterData: true, subtree: true };
        new MutationObserver((records) => (counted.changes += records.length)).observe(node, options);
        return counted;
      };
      window.total = count(root.querySelector(".estimate"));
      window.untouched = count(root.querySelector("[data-job=job_59]"));
    }""")

    moved = [{**each, "queue_position": each["queue_position"] + 100} for each in many[:-1]]
    component.page.evaluate(f"{json.dumps(moved)}.forEach((each) => hear('progress', each))")

    expect(component.page.get_by_text("Number 158 in line", exact=True)).to_be_visible()
    assert component.page.evaluate("[total.changes, untouched.changes]") == [1, 0]


def test_a_lost_stream_is_said_and_opened_again(mount: Any) -> None:
    component = mount("kit/job_progress")
    component.show(**run(job()))

    component.page.evaluate("for (let n = 0; n < 2; n++) { streams[0].readyState = 2; streams[0].onerror(); }")

    expect(component.page.get_by_text("The connection was lost for a moment.")).to_be_visible()
    component.page.wait_for_function("streams.length >= 2", timeout=10_000)
    component.page.evaluate("streams.at(-1).onopen()")
    expect(component.page.get_by_text("The connection was lost for a moment.")).to_be_hidden()


def tiles(*names: str, **more: Any) -> dict[str, Any]:
    items = [
        {"id": name, "name": name, "meta": "", "thumb": PIXEL, "clear": False, "favorite": False} for name in names
    ]
    return {"view": "grid", "trash": False, "archive": "/download/archive", "href": "/picture", "items": items, **more}


def test_what_is_chosen_stays_chosen_over_a_redraw_and_goes_with_its_picture(mount: Any) -> None:
    component = mount("kit/gallery_grid")
    component.show(**tiles("a", "b", "c"))
    for name in ("a", "b"):
        component.page.get_by_role("checkbox", name=f"Select {name}").check(force=True)
    expect(component.page.get_by_role("link", name="Download ZIP")).to_have_attribute(
        "href", "/download/archive?ids=a,b"
    )

    component.show(**tiles("b", "c"))

    expect(component.page.locator(".count")).to_have_text("1 selected")
    component.page.get_by_role("button", name="Move to trash").click()
    assert component.has_told(["act", {"does": "trash", "ids": ["b"]}])


def test_the_trash_offers_restoring_and_no_download(mount: Any) -> None:
    component = mount("kit/gallery_grid")
    component.show(**tiles("a", trash=True))
    component.page.get_by_role("checkbox", name="Select a").check(force=True)

    buttons = component.page.get_by_role("toolbar").locator("a:visible, button:visible").all_inner_texts()

    assert buttons == ["Restore", "Delete for good", "Clear"]


def test_a_name_is_text_and_never_markup(mount: Any) -> None:
    component = mount("kit/gallery_grid")
    component.show(**tiles("<img src=x onerror='window.broken=1'>.jpg"))

    expect(component.page.locator(".tile .name")).to_have_text("<img src=x onerror='window.broken=1'>.jpg")
    component.page.wait_for_timeout(200)
    assert component.page.evaluate("window.broken") is None


def test_a_pasted_picture_goes_to_the_page_s_file_input(mount: Any) -> None:
    component = mount("kit/picture_tray")
    component.page.evaluate(
        """document.body.innerHTML += `<div data-testid="stFileUploader"><input type="file"></div>`"""
    )
    component.show(pictures=[])

    component.page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["x"], "shot.png", { type: "image/png" }));
          document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, cancelable: true }));
        }"""
    )

    assert component.page.evaluate("document.querySelector('input[type=file]').files[0].name") == "shot.png"
