"""What a host's watchman reads: requests by route, and what became of jobs that other processes did."""

import httpx
from prometheus_client.parser import text_string_to_metric_families
from tests.hosting.conftest import Browser, Hosting

from cratewise.spotify.sandbox.faults import not_registered


def numbers(browser: Browser) -> dict[tuple[str, ...], float]:
    """What a process of the host gives, by name and labels."""
    text = httpx.get(f"{browser.client.base_url}/metrics".replace("//metrics", "/metrics"), trust_env=False).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, *map(str, sample.labels.values())): sample.value for sample in samples}


def test_requests_are_counted_by_their_route(hosting: Hosting) -> None:
    """Of those who are logged in, and of those who are not."""
    browser = hosting.browser(hosting.serve())
    assert browser.client.get("/songs").status_code == 303
    browser.log_in()
    assert browser.client.get("/history").status_code == 200
    found = numbers(browser)
    assert found["cratewise_request_seconds_count", "GET", "/history", "200"] == 1
    assert found["cratewise_request_seconds_count", "GET", "/callback", "303"] == 1
    assert found["cratewise_request_seconds_count", "GET", "none", "303"] == 1


def test_songs_and_failed_jobs_of_all_accounts_are_counted(hosting: Hosting) -> None:
    """Whichever process did the jobs."""
    browser = hosting.browser(hosting.serve())
    browser.log_in()
    hosting.work()
    browser.sort()
    found = numbers(browser)
    assert found["cratewise_songs",] > 0
    assert found["cratewise_jobs_failed",] == 0
    hosting.sandbox.faults.add(not_registered(path="/v1/me"))
    assert browser.client.post("/api/jobs/sort").status_code == 202
    assert browser.ended()["status"] == "failed"
    assert numbers(browser)["cratewise_jobs_failed",] == 1
