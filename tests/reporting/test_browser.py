import re
import shutil
import subprocess

import pytest

from causalrec.reporting import report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--enable-logging=stderr", "--dump-dom",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")


BROWSERS_OWN = ("google.com", "googleapis.com")  # asked by Chromium itself, whatever the page


def opened(path, folder):
    """The page as the browser has it, its console, and the hosts that were asked for; none can be found."""
    log = folder.with_suffix(".json")
    done = subprocess.run(
        [CHROMIUM, *FLAGS, f"--user-data-dir={folder}", f"--log-net-log={log}", path.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    hosts = set(re.findall(r'"url":"https?://([^/"]*)', log.read_text("utf-8", "replace")))
    asked = {host for host in hosts if not host.endswith(BROWSERS_OWN)}
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line], asked


def test_browser_shows_the_report_without_an_error_or_a_request(parts, tmp_path):
    found = report(parts.effect, parts.battery, parts.gains, parts.ranking, parts.explanations, title="A & B")
    page, console, asked = opened(found.save(tmp_path / "report.html"), tmp_path / "profile")
    assert console == []
    assert asked == set()
    assert re.findall(r"<h1>(.*?)</h1>", page) == ["A &amp; B"]
    titles = [html_of(section.title) for section in found.sections]
    assert re.findall(r"<h2>(.*?)</h2>", page) == titles
    assert "<script" not in page
    assert page.count("<svg") == 3


def test_a_page_with_an_error_and_a_request_is_told_apart(tmp_path):
    path = tmp_path / "bad.html"
    path.write_text('<img src="http://example.invalid/a.png"><script>undefined_function()</script>')
    _, console, asked = opened(path, tmp_path / "profile")
    assert any("undefined_function" in line for line in console)
    assert asked == {"example.invalid"}


def html_of(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
