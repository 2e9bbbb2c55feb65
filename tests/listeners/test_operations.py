"""What a person or a tool sees at the paths that belong to no protocol."""

from pathlib import Path

import httpx

from tests.processes import gateway


def test_the_root_says_what_is_served_and_other_paths_say_that_nothing_is_there(tmp_path: Path) -> None:
    with gateway(None, tmp_path / "data") as server:
        web = f"http://127.0.0.1:{server.ports['web']}"
        root = httpx.get(f"{web}/")
        for path in root.text.splitlines()[1:]:
            assert httpx.get(web + path).status_code == 200, path
        nothing = httpx.get(f"{web}/admin/login.php")
        refused = httpx.post(
            f"{web}/fhir/R4/$summarize",
            content=b'{"resourceType":"Nope"}',
            headers={"Authorization": "Bearer demo", "Content-Type": "application/fhir+json"},
        )
    assert "/soap/iis?wsdl" in root.text
    assert (nothing.status_code, nothing.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert refused.reason_phrase == "Unprocessable Entity"
    for answer in (root, nothing, refused):
        assert "server" not in answer.headers
