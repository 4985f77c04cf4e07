"""The script by which MongoDB's image makes the services' accounts, run by Playwright's Node."""

import json
import subprocess
from pathlib import Path
from typing import Any

import playwright
import pytest

from tests.journeys.project import CODE

SCRIPT = CODE / "deploy/helm/video-library/files/create-users.js"
NODE = Path(playwright.__file__).parent / "driver/node"

HARNESS = """
const [script, passwords] = process.argv.slice(1);
const made = [];
const db = {getSiblingDB: (name) => ({createUser: (user) => made.push({database: name, ...user})})};
const files = JSON.parse(passwords);
const readFileSync = (path) => files[path.replace("/run/secrets/mongodb/", "")];
const text = require("fs").readFileSync(script, "utf8");
new Function("require", "db", text)(() => ({readFileSync}), db);
console.log(JSON.stringify(made));
"""


def run(passwords: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(NODE), "-e", HARNESS, str(SCRIPT), json.dumps(passwords)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_each_service_gets_its_own_database_and_no_other() -> None:
    passwords = {"video_api": "a" * 40 + "\n", "video_auth": "b" * 40}
    made: list[dict[str, Any]] = json.loads(run(passwords).stdout)
    assert made == [
        {
            "database": database,
            "user": user,
            "pwd": passwords[user].strip(),
            "roles": [{"role": "readWrite", "db": database}],
        }
        for user, database in (("video_api", "video_library"), ("video_auth", "video_auth"))
    ]


@pytest.mark.parametrize("password", ["", "short\n"])
def test_a_password_that_is_none_ends_it(password: str) -> None:
    done = run({"video_api": password, "video_auth": "b" * 40})
    assert done.returncode
    assert "/run/secrets/mongodb/video_api has no password" in done.stderr
