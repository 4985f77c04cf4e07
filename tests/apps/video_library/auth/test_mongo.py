"""The server that tests of the MongoDB drivers talk to."""

import pytest
from pymongo.errors import DuplicateKeyError

from tests.apps.video_library.mongo import MongoServer, client_of


def test_each_test_has_a_database_of_its_own(mongodb: MongoServer) -> None:
    with mongodb.database() as one, mongodb.database() as other, client_of(one) as client:
        assert one != other
        rows = client.get_default_database()["rows"]
        rows.create_index("name", unique=True)
        rows.insert_one({"name": "a"})
        with pytest.raises(DuplicateKeyError):
            rows.insert_one({"name": "a"})
        with client_of(other) as second:
            assert second.get_default_database()["rows"].count_documents({}) == 0
        name = rows.database.name
    with client_of(mongodb.uri) as client:
        assert name not in client.list_database_names()
