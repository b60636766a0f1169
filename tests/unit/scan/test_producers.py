"""What `redactfuzz.dumps` offers to scenarios."""

import json
import threading

from redactfuzz import dumps
from redactfuzz.model.canary import mint, token


class Rude:
    def __repr__(self):
        raise ZeroDivisionError("rude")


def collect(password, rude):
    return dumps.frames()


def test_frames_show_locals_of_every_frame_of_this_thread_outermost_first():
    stack = next(
        one["frames"] for one in collect("hunter2", Rude()) if one["thread"] == threading.current_thread().name
    )
    assert stack[-1]["function"] == "collect"
    assert stack[-1]["locals"]["password"] == "'hunter2'"
    assert stack[-1]["file"] == __file__
    assert stack[-2]["function"] == "test_frames_show_locals_of_every_frame_of_this_thread_outermost_first"


def test_a_repr_that_raises_is_named():
    report = json.dumps(collect("", Rude()))
    assert "<repr raised ZeroDivisionError>" in report


def test_frames_of_other_threads_are_there_and_ours_are_not():
    ready, done = threading.Event(), threading.Event()

    def other(token):
        ready.set()
        done.wait()

    thread = threading.Thread(target=other, args=("other secret",), name="worker")
    thread.start()
    ready.wait()
    try:
        report = dumps.frames()
    finally:
        done.set()
        thread.join()
    (worker,) = (one for one in report if one["thread"] == "worker")
    assert any(frame["locals"].get("token") == "'other secret'" for frame in worker["frames"])
    assert not any("dumps/producers/reports.py" in frame["file"] for one in report for frame in one["frames"])


def test_frames_that_hold_a_canary_object_show_no_secret():
    key = mint(1, "key", token(), 1)
    report = json.dumps(dumps.frames())
    assert "use .text" in report
    assert key.text not in report


def test_the_text_of_faulthandler_names_functions_and_holds_no_values():
    secret = mint(1, "key", token(), 1).text
    text = dumps.faulthandler()
    assert "test_the_text_of_faulthandler_names_functions_and_holds_no_values" in text
    assert secret not in text
