"""A file that is there twice counts once; a file that only resembles another counts as itself."""

from trail.events import Source

HEAD = "item_id,timestamp,user_id\n"
ROWS = "a,2023-05-01,u1\na,2023-05-01,u1\nb,2023-05-02,u2\n"


def test_the_same_file_under_two_names_changes_nothing(shelf):
    one = shelf.file("log/one.csv", HEAD + ROWS)
    alone = shelf.read(one)
    events = shelf.events()
    assert len(events) == 3  # equal rows are events of their own
    shelf.file("log/two.csv", HEAD + ROWS)
    for sources in (Source(str(shelf.folder / "log")), [one, shelf.folder / "log" / "two.csv"], [one, one]):
        again = shelf.read(sources)
        assert shelf.events() == events
        assert again.fingerprint == alone.fingerprint
        assert not again.fresh


def test_the_same_rows_in_other_bytes_are_other_events(shelf):
    one = shelf.file("one.csv", HEAD + ROWS)
    shelf.read([one, shelf.file("two.csv", HEAD + ROWS + "c,2023-05-03,u3\n")])
    assert len(shelf.events()) == 7


def test_the_same_file_read_in_another_way_counts(shelf):
    both = shelf.file("log.csv", "item_id,other,timestamp\na,x,2023-05-01\nb,y,2023-05-02\n")
    shelf.read([Source(str(both)), Source(str(both), columns={"item_id": "other", "timestamp": "timestamp"})])
    assert sorted(each["item_id"] for each in shelf.events()) == ["a", "b", "x", "y"]


def test_a_log_that_is_its_own_catalogue_is_still_read_as_both(shelf):
    both = shelf.file("log.csv", "item_id,timestamp,title\na,2023-05-01,Apple\nb,2023-05-02,Bread\n")
    shelf.read(both, both)
    assert [each["title"] for each in shelf.items()] == ["Apple", "Bread"]
    assert len(shelf.events()) == 2
