"""Promises of running services: what load, kills, stops and frozen peers do to callers."""

from langdesign_command.promises.promise import Measure, Promise, Suite

_RELIABILITY = "tests/reliability"
_DESIGN = "services/design/tests/service"

SERVING = (
    Promise(
        7,
        "the layers cost little",
        "Our layers add at most 5 ms at p99 to a direct call of the engine, with a 512x512 picture in and "
        "out.",
        (
            Measure("layers_ms", "chassis and channel, p99", "ms", at_most=5),
            Measure("service_ms", "a service in front, p99", "ms", at_most=5),
        ),
        (Suite((f"{_RELIABILITY}/test_overhead.py::test_the_layers_add_at_most_5_ms",)),),
        note="Behind real gRPC, before an engine of fixed cost, calls paired in turns. The short form has "
        "60 pairs a window, so that its p99 is the machine's worst hiccup; the suite holds its median "
        "alone. The long form has 1,000 and wants a quiet machine.",
    ),
    Promise(
        8,
        "rolling updates fail no call",
        "Six rolling SIGTERMs under load, over two replicas in round robin with the retry policy of the "
        "service configuration, fail no call; nor does the update to another version, or the way back.",
        (
            Measure("failed", "failed calls", at_most=0, total=True),
            Measure(
                "rollout_failed",
                "failed calls of an update and the way back",
                at_most=0,
                long=True,
                total=True,
            ),
        ),
        (
            Suite(
                (
                    f"{_RELIABILITY}/test_rolling.py::test_rolling_sigterms_under_load_fail_no_call",
                    "services/editing/tests/test_replicas.py::test_rolling_sigterms_fail_no_edit",
                    f"{_DESIGN}/test_replicas.py::test_rolling_sigterms_under_load_fail_no_call",
                    f"{_DESIGN}/test_behind_gateway.py::test_rolling_sigterms_of_both_services_fail_no_call",
                    f"{_RELIABILITY}/test_rollout.py::test_every_service_is_updated_and_rolled_back_under_load",
                )
            ),
        ),
    ),
    Promise(
        9,
        "kill -9 loses nothing",
        "After kill -9 a caller sees UNAVAILABLE within 100 ms; unary calls are made again and none is "
        "lost; a stream resumes by its operation's id; no edit is done or stored twice.",
        (
            Measure("noticed_ms", "UNAVAILABLE after the kill, median", "ms", at_most=100),
            Measure("lost", "calls and edits lost", at_most=0, total=True),
            Measure("twice", "edits done or stored twice", at_most=0, total=True),
        ),
        (
            Suite(
                (
                    f"{_RELIABILITY}/test_rolling.py::test_kill_9_loses_no_unary_call",
                    f"{_RELIABILITY}/test_rolling.py::test_a_stream_learns_of_kill_9_at_once",
                    "services/editing/tests/test_kill.py::"
                    "test_killed_again_and_again_no_edit_is_lost_or_stored_twice",
                    "services/editing/tests/test_kill.py::"
                    "test_a_caller_hears_of_a_kill_at_once_and_finds_its_edit_failed",
                    "services/editing/tests/test_replicas.py::"
                    "test_of_two_replicas_one_is_killed_under_load_and_no_edit_is_lost_or_stored_twice",
                    f"{_DESIGN}/test_restarts.py::test_killed_again_and_again_no_edit_is_lost_or_kept_twice",
                    f"{_DESIGN}/test_behind_gateway.py::"
                    "test_the_client_sees_an_edit_to_its_end_though_both_designs_are_killed",
                )
            ),
        ),
    ),
    Promise(
        10,
        "a frozen peer is noticed",
        "A peer that is frozen (SIGSTOP) is noticed within keepalive's time and timeout, by its callers and "
        "by the services that it calls.",
        (
            Measure("client", "a client of a frozen server, of time + timeout", "x", at_most=1.1),
            Measure("server", "a server of a frozen client, of time + timeout", "x", at_most=1.1),
        ),
        (
            Suite(
                (
                    f"{_RELIABILITY}/test_frozen_peer.py::test_a_client_notices_a_frozen_server",
                    f"{_RELIABILITY}/test_frozen_peer.py::"
                    "test_a_server_notices_a_frozen_client_and_stops_its_work",
                )
            ),
        ),
        note="The tenth is the machine's, which has to schedule who notices.",
    ),
    Promise(
        12,
        "overload is refused at once",
        "At five times the capacity the excess gets RESOURCE_EXHAUSTED within 50 ms, and the p99 of what is "
        "admitted stays bounded.",
        (
            Measure("refused_ms", "p99 of refusals", "ms", at_most=50),
            Measure("admitted", "p99 of the admitted, of the engine's cost", "x", at_most=2),
        ),
        (
            Suite(
                (
                    f"{_RELIABILITY}/test_overload.py::"
                    "test_the_excess_is_refused_at_once_and_the_admitted_stay_fast",
                )
            ),
        ),
    ),
    Promise(
        13,
        "memory does not grow",
        "Clients that crash and time out, for minutes or hours, make a service's memory grow by no more "
        "than a cap; and the same test catches a service that leaks on purpose.",
        (
            Measure("growth", "growth of the editing service, of the cap", "x", at_most=1),
            Measure("leak", "growth of one that leaks on purpose, of the cap", "x", at_least=1),
        ),
        (
            Suite(
                (
                    f"{_RELIABILITY}/test_soak.py::test_crashing_and_timing_out_clients_make_no_memory_grow",
                    f"{_RELIABILITY}/test_soak.py::test_a_deliberate_leak_is_caught",
                )
            ),
        ),
        note="The long form lasts as many minutes as `LANGDESIGN_SOAK_MINUTES` says, by default ten.",
    ),
    Promise(
        21,
        "a dead model comes back by itself",
        "A model server whose Python stub has died is out of rotation within 15 s and serves again without "
        "a person; no edit is lost or done twice.",
        (
            Measure("out_s", "out of rotation after", "s", at_most=15),
            Measure("failing_s", "the last failed attempt after", "s", at_most=15),
            Measure("lost", "edits lost", at_most=0, total=True),
            Measure("twice", "edits done twice", at_most=0, total=True),
        ),
        (
            Suite(
                (
                    f"{_RELIABILITY}/test_model_server.py::"
                    "test_a_models_process_is_struck_under_load_and_no_edit_is_lost_or_done_twice",
                )
            ),
        ),
        note="The real Triton under its supervisor. The long form kills the stub three times, and stops one "
        "(SIGSTOP).",
    ),
    Promise(
        22,
        "a second model server is used",
        "A second model server gets its share of the calls within the connections' maximum age.",
        (
            Measure("share", "share of the second of two servers", "%", at_least=0.35),
            Measure("ages", "after, of the connections' age", "x", at_most=1.1),
        ),
        (
            Suite(
                (
                    f"{_RELIABILITY}/test_second_model_server.py::"
                    "test_a_second_server_gets_its_share_of_calls_when_connections_have_their_age",
                    f"{_RELIABILITY}/test_second_model_server.py::"
                    "test_a_second_server_gets_its_share_of_edits_through_the_editing_service",
                )
            ),
        ),
        note="gRPC spreads the ages of connections by a tenth.",
    ),
)
